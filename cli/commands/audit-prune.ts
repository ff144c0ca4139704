import { AuditServiceService } from '../../proto/gen/rangkiang/audit/v1/audit_service.ts';
import { addAnswer, type PruneReport, reportText } from '../audit/prune-report.ts';
import { withCaller } from '../client/with-caller.ts';
import { defineCommand, jsonOption } from '../command.ts';
import { usageFailure } from '../failure.ts';
import { counterPurpose } from './audit-accesses.ts';

/** Removes entries that are older than anything is kept, as Disdukcapil. */
export const auditPruneCommand = defineCommand({
  name: ['audit', 'prune'],
  operands: [],
  summary: {
    id: 'Hapus catatan audit yang masa simpannya lewat, sebagai DISDUKCAPIL; tidak dapat dibatalkan',
    en: 'Remove audit records whose time is over, as DISDUKCAPIL; this cannot be undone',
  },
  details: {
    id: 'Hash setiap catatan dan semua bukti tetap, dan catatan PRUNED menyebut yang dihapus. Yang dihapus: bundel 256 catatan yang lebih tua dari masa simpan terpanjang dalam data/purpose_rules.csv. Jalankan "rangkiang audit verify" dahulu.',
    en: 'The hash of each record and all proofs stay, and a record PRUNED names what was removed: bundles of 256 that are older than the longest time in data/purpose_rules.csv. Run "rangkiang audit verify" first.',
  },
  options: {
    letter: {
      type: 'string',
      value: 'NO',
      help: { id: 'Nomor surat yang memerintahkannya (wajib)', en: 'Number of the letter that orders it (required)' },
    },
    'dry-run': {
      type: 'boolean',
      help: { id: 'Hanya tunjukkan apa yang akan dihapus', en: 'Only show what would be removed' },
    },
    ...jsonOption,
  },
  async run({ options, locale, stateDir }) {
    const { letter, 'dry-run': dryRun = false, json = false } = options;
    if (!letter) throw usageFailure({ id: 'Kurang: --letter. Lihat --help.', en: 'Missing: --letter. See --help.' });
    return withCaller('DISDUKCAPIL', { stateDir, locale }, async (caller) => {
      let report: PruneReport = { dryRun, pruned: [], staying: [] };
      let fromIndex = 0n;
      do {
        const request = { dryRun, fromIndex, letter };
        const { message } = await caller.call(AuditServiceService.pruneRecords, request, {
          ...counterPurpose,
          timeoutMs: 30_000,
        });
        report = addAnswer(report, message);
        fromIndex = message.nextIndex;
      } while (fromIndex > 0n);
      console.log(reportText(report, locale, json));
    });
  },
});
