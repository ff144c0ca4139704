import { createHash } from 'node:crypto';
import { checkEntry } from '../../services/audit/domain/check-entry.ts';
import type { EntryRow } from '../../services/audit/domain/log-writer.ts';
import { someEntry } from './audit-entries.ts';

/** A row with this leaf, for tests that put many into Postgres and care for nothing else of them. */
export function entryRow(leaf: Buffer): EntryRow {
  return {
    id: leaf.toString('hex'),
    bytes: 0,
    eventId: leaf.subarray(0, 16),
    timeUs: 1n,
    kind: 1,
    opd: 'DKK',
    method: '',
    reason: '',
    leaf,
    leafHash: createHash('sha256')
      .update(Buffer.concat([Buffer.from([0]), leaf]))
      .digest(),
    commitments: null,
    purpose: 0,
    parts: [],
    checked: checkEntry(someEntry()),
  };
}
