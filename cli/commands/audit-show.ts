import { readFile } from 'node:fs/promises';
import { leafHash } from '../../mesh/leaf.ts';
import { openCheckpoint } from '../../mesh/tlog/checkpoint.ts';
import { verifierOf } from '../../mesh/tlog/note.ts';
import { verifyInclusion } from '../../mesh/tlog/proof.ts';
import { AuditServiceService } from '../../proto/gen/rangkiang/audit/v1/audit_service.ts';
import { ProofServiceService } from '../../proto/gen/rangkiang/audit/v1/proof_service.ts';
import { recordJson } from '../audit/record-line.ts';
import { withCaller } from '../client/with-caller.ts';
import { defineCommand, jsonOption } from '../command.ts';
import { CliFailure, usageFailure } from '../failure.ts';

const settings = { purpose: 'PENGAWASAN' };

/** Shows one record with the proof that it is in the signed log, checked here. */
export const auditShowCommand = defineCommand({
  name: ['audit', 'show'],
  operands: ['<index>'],
  summary: {
    id: 'Satu catatan audit dengan bukti bahwa ia ada dalam log, sebagai SECURITY',
    en: 'One audit record with the proof that it is in the log, as SECURITY',
  },
  options: jsonOption,
  async run({ operands: [word = ''], options, locale, stateDir }) {
    if (!/^\d{1,18}$/.test(word)) {
      throw usageFailure({ id: 'Indeks catatan: 0, 1, 2 ...', en: 'The index of a record: 0, 1, 2 ...' });
    }
    const index = BigInt(word);
    return withCaller('SECURITY', { stateDir, locale }, async (caller, layout) => {
      const verifier = verifierOf(await readFile(layout.logKey, 'utf8'));
      const { record } = (await caller.call(AuditServiceService.getRecord, { index }, settings)).message;
      const proven = (await caller.call(ProofServiceService.getInclusionProof, { index }, settings)).message;
      const head = openCheckpoint(proven.checkpoint, verifier);
      const hash = leafHash(record?.leafBytes ?? Buffer.alloc(0));
      if (!record || !verifyInclusion({ index, leafHash: hash }, head, proven.proof)) {
        throw new CliFailure({
          id: `Catatan ${index} TIDAK ada dalam log yang ditandatangani. Jalankan "rangkiang audit verify".`,
          en: `Record ${index} is NOT in the signed log. Run "rangkiang audit verify".`,
        });
      }
      const proof = proven.proof.map((each) => each.toString('base64'));
      if (options.json) {
        const { checkpoint } = proven;
        return console.log(JSON.stringify({ record: JSON.parse(recordJson(record)), checkpoint, proof }));
      }
      console.log(JSON.stringify(JSON.parse(recordJson(record)), null, 2));
      console.log(`\n${proven.checkpoint}`);
      for (const each of proof) console.log(each);
      console.log('\nincluded');
    });
  },
});
