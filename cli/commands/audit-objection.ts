import { randomUUID } from 'node:crypto';
import { SubjectServiceService } from '../../proto/gen/rangkiang/audit/v1/subject_service.ts';
import { readNik } from '../audit/nik-input.ts';
import { withCaller } from '../client/with-caller.ts';
import { defineCommand } from '../command.ts';
import { usageFailure } from '../failure.ts';
import { moment } from '../permits/names.ts';
import { counterPurpose } from './audit-accesses.ts';

/** Opens a resident's objection at the counter. */
export const auditObjectionOpenCommand = defineCommand({
  name: ['audit', 'objection', 'open'],
  operands: ['<file|->', '<index>'],
  summary: {
    id: 'Catat keberatan penduduk atas satu akses, di loket Disdukcapil',
    en: "Enter a resident's objection to a look, at Disdukcapil's counter",
  },
  options: {
    statement: {
      type: 'string',
      value: 'TEXT',
      help: { id: 'Alasan penduduk (wajib)', en: "The resident's reason (required)" },
    },
  },
  async run({ operands: [file = '', index = ''], options, locale, stateDir }) {
    const { statement } = options;
    if (!statement) throw usageFailure({ id: 'Kurang: --statement.', en: 'Missing: --statement.' });
    if (!/^\d{1,18}$/.test(index)) throw usageFailure({ id: 'index harus angka.', en: 'index must be a number.' });
    const request = { requestId: randomUUID(), nik: await readNik(file), index: BigInt(index), statement };
    return withCaller('DISDUKCAPIL', { stateDir, locale }, async (caller) => {
      const { message } = await caller.call(SubjectServiceService.openObjection, request, counterPurpose);
      console.log(message.objectionId);
    });
  },
});

/** Lists objections. */
export const auditObjectionListCommand = defineCommand({
  name: ['audit', 'objection', 'list'],
  operands: [],
  summary: { id: 'Daftar keberatan yang terbuka', en: 'List the open objections' },
  options: {
    all: { type: 'boolean', help: { id: 'Juga yang sudah ditutup', en: 'The closed ones as well' } },
  },
  async run({ options, locale, stateDir }) {
    return withCaller('DISDUKCAPIL', { stateDir, locale }, async (caller) => {
      const request = { withClosed: options.all ?? false };
      const { message } = await caller.call(SubjectServiceService.listObjections, request, counterPurpose);
      for (const { objectionId, index, openTime, closeTime, nik, statement, remark } of message.objections) {
        const closed = closeTime ? [moment(closeTime), remark] : [];
        console.log([objectionId, moment(openTime), index, nik, statement, ...closed].join('  '));
      }
    });
  },
});

/** Closes an objection. */
export const auditObjectionCloseCommand = defineCommand({
  name: ['audit', 'objection', 'close'],
  operands: ['<id>'],
  summary: { id: 'Tutup keberatan dengan jawaban', en: 'Close an objection with an answer' },
  options: {
    remark: {
      type: 'string',
      value: 'TEXT',
      help: { id: 'Jawaban, tanpa nama orang (wajib)', en: 'The answer, naming nobody (required)' },
    },
  },
  async run({ operands: [objectionId = ''], options, locale, stateDir }) {
    const { remark } = options;
    if (!remark) throw usageFailure({ id: 'Kurang: --remark.', en: 'Missing: --remark.' });
    return withCaller('DISDUKCAPIL', { stateDir, locale }, async (caller) => {
      await caller.call(SubjectServiceService.closeObjection, { objectionId, remark }, counterPurpose);
      console.log(locale === 'id' ? 'Ditutup.' : 'Closed.');
    });
  },
});
