import { SubjectServiceService } from '../../proto/gen/rangkiang/audit/v1/subject_service.ts';
import { readNik } from '../audit/nik-input.ts';
import { withCaller } from '../client/with-caller.ts';
import { defineCommand } from '../command.ts';
import { usageFailure } from '../failure.ts';
import { counterPurpose } from './audit-accesses.ts';

/** Erases a person from the log, as Disdukcapil. */
export const auditEraseCommand = defineCommand({
  name: ['audit', 'erase'],
  operands: ['<file|->'],
  summary: {
    id: 'Hapus seseorang dari catatan audit sebagai DISDUKCAPIL; tidak dapat dibatalkan',
    en: 'Erase a person from the audit records as DISDUKCAPIL; this cannot be undone',
  },
  details: {
    id: 'Masukan: NIK (atau nomor KK) saja. Catatan dan buktinya tetap; data siapa, tidak dapat dibuka lagi oleh siapa pun.',
    en: 'Input: the NIK (or KK number) alone. Records and proofs stay; whose data they were can be opened by nobody any more.',
  },
  options: {
    letter: {
      type: 'string',
      value: 'NO',
      help: { id: 'Nomor surat yang memerintahkannya (wajib)', en: 'Number of the letter that orders it (required)' },
    },
  },
  async run({ operands: [file = ''], options, locale, stateDir }) {
    const { letter } = options;
    if (!letter) throw usageFailure({ id: 'Kurang: --letter. Lihat --help.', en: 'Missing: --letter. See --help.' });
    const number = await readNik(file);
    return withCaller('DISDUKCAPIL', { stateDir, locale }, async (caller) => {
      const method = SubjectServiceService.eraseSubject;
      const { message, auditIndex } = await caller.call(method, { number, letter }, counterPurpose);
      const keys = message.erasedKeys;
      console.log(
        locale === 'id'
          ? `Terhapus: ${keys} kunci dimusnahkan, catatan audit ${auditIndex}.`
          : `Erased: ${keys} keys destroyed, audit record ${auditIndex}.`,
      );
    });
  },
});
