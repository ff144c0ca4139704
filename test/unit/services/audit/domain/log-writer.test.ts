import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'mocha';
import { leafHash } from '#mesh/leaf.ts';
import { EntryRefused } from '../../../../../services/audit/domain/check-entry.ts';
import { CommitQueue } from '../../../../../services/audit/domain/commit-queue.ts';
import { type EntryRow, LogWriter, type Placed } from '../../../../../services/audit/domain/log-writer.ts';
import { Sealer } from '../../../../../services/audit/domain/seal.ts';
import { someEntry, someLeaf } from '../../../../support/audit-entries.ts';

const NIKS = ['1371010101010001', '1371014101010002'];

/** A writer into an array of rows. */
function writerInto(rows: EntryRow[], place: (row: EntryRow) => Placed = () => BigInt(rows.length - 1)) {
  const queue = new CommitQueue<EntryRow, Placed>({
    commit: async (batch) =>
      batch.map((row) => {
        rows.push(row);
        return place(row);
      }),
    onFailing: () => {},
    onRecovered: () => {},
  });
  const sealer = new Sealer(randomBytes(32));
  return { writer: new LogWriter(queue, sealer), sealer };
}

describe('LogWriter', () => {
  it('commits what the leaf says to search by, its bytes as they came, and all that is personal sealed', async () => {
    const rows: EntryRow[] = [];
    const { writer, sealer } = writerInto(rows);
    const leaf = someLeaf({ reason: 'NO_PERMIT' });
    const entry = someEntry(leaf, NIKS, { operator: 'Rahmi' });
    assert.deepEqual(await writer.write(entry), {
      eventId: leaf.eventId,
      index: 0n,
      leafHash: leafHash(entry.leaf),
    });
    const [row] = rows as [EntryRow];
    const { eventId, timeUs, kind, opd, method, reason } = leaf;
    assert.deepEqual(
      { ...row, id: undefined, bytes: undefined, commitments: row.commitments?.length, sealed: undefined },
      {
        id: undefined,
        bytes: undefined,
        eventId,
        timeUs,
        kind,
        opd,
        method,
        reason,
        leaf: entry.leaf,
        leafHash: leafHash(entry.leaf),
        commitments: 64,
        keyId: sealer.keyId,
        sealed: undefined,
        subjectTags: NIKS.map((nik) => sealer.subjectTag(nik)),
      },
    );
    for (const part of [row.leaf, row.sealed, row.commitments, ...row.subjectTags]) {
      for (const word of [...NIKS, 'Rahmi']) assert.equal(part?.includes(word), false);
    }
  });

  it('stores neither key nor sealed part of an entry without anything personal', async () => {
    const rows: EntryRow[] = [];
    await writerInto(rows).writer.write(someEntry());
    const { keyId, sealed, commitments, subjectTags } = rows[0] as EntryRow;
    assert.deepEqual(
      { keyId, sealed, commitments, subjectTags },
      { keyId: null, sealed: null, commitments: null, subjectTags: [] },
    );
  });

  it('refuses what does not fit its leaf, before anything is queued', async () => {
    const rows: EntryRow[] = [];
    await assert.rejects(writerInto(rows).writer.write({ ...someEntry(), leaf: Buffer.from('x') }), EntryRefused);
    assert.equal(rows.length, 0);
  });

  it('refuses an event id that the log holds with another leaf', async () => {
    await assert.rejects(writerInto([], () => null).writer.write(someEntry()), EntryRefused);
  });
});
