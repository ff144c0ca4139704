import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { leafHash } from '#mesh/leaf.ts';
import { EntryRefused } from '../../../../../services/audit/domain/check-entry.ts';
import { CommitQueue } from '../../../../../services/audit/domain/commit-queue.ts';
import { type EntryRow, LogWriter, type Placed } from '../../../../../services/audit/domain/log-writer.ts';
import { someEntry, someLeaf } from '../../../../support/audit-entries.ts';
import { someSealing } from '../../../../support/sealing.ts';

const NIKS = ['1371010101010001', '1371014101010002'];

/** A writer into an array of rows. */
function writerInto(
  rows: EntryRow[],
  place: (row: EntryRow) => Placed = () => BigInt(rows.length - 1),
  batches: number[] = [],
) {
  const queue = new CommitQueue<EntryRow, Placed>({
    commit: async (batch) => {
      batches.push(batch.length);
      return batch.map((row) => {
        rows.push(row);
        return place(row);
      });
    },
    onFailing: () => {},
    onRecovered: () => {},
  });
  const { sealer } = someSealing();
  return { writer: new LogWriter(queue, sealer, { isOpen: true, opened: async () => {} }), sealer };
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
    const { eventId, timeUs, kind, opd, method, reason, purpose } = leaf;
    const { id: _, bytes: __, checked: ___, parts, commitments, ...plain } = row;
    assert.deepEqual(plain, {
      ...{ eventId, timeUs, kind, opd, method, reason, purpose },
      leaf: entry.leaf,
      leafHash: leafHash(entry.leaf),
    });
    assert.equal(commitments?.length, 64);
    assert.deepEqual(
      parts.map(({ key }) => key.ownerTag).slice(0, 2),
      NIKS.map((nik) => sealer.tag(nik)),
    );
    assert.equal(parts.length, 3);
    for (const part of [row.leaf, commitments, ...parts.flatMap(({ key, sealed }) => [key.ownerTag, sealed])]) {
      for (const word of [...NIKS, 'Rahmi']) assert.equal(part?.includes(word), false);
    }
  });

  it('commits at most 4,000 sealed parts at once, so that nobody waits long behind a pemadanan', async () => {
    const batches: number[] = [];
    const { writer } = writerInto([], () => 0n, batches);
    const niks = Array.from({ length: 500 }, (_, at) => String(1_371_010_101_000_000n + BigInt(at)));
    await Promise.all(Array.from({ length: 20 }, () => writer.write(someEntry({}, niks))));
    assert.ok(Math.max(...batches) <= 8);
    await Promise.all(Array.from({ length: 1_000 }, () => writer.write(someEntry({}, niks.slice(0, 1)))));
    assert.equal(batches.at(-1), 1_000);
  });

  it('stores no sealed part of an entry without anything personal', async () => {
    const rows: EntryRow[] = [];
    await writerInto(rows).writer.write(someEntry());
    const { commitments, parts } = rows[0] as EntryRow;
    assert.deepEqual({ commitments, parts }, { commitments: null, parts: [] });
  });

  it("lets nobody's record but the service's own destroy keys", async () => {
    const rows: EntryRow[] = [];
    const { writer } = writerInto(rows);
    const entry = someEntry({ kind: Kind.ERASURE, erasedKeys: [7n] });
    await assert.rejects(writer.write(entry), EntryRefused);
    assert.equal(rows.length, 0);
    await writer.writeOwn(entry);
    assert.equal(rows.length, 1);
  });

  it("lets nobody's record but the service's own say that entries were pruned", async () => {
    const rows: EntryRow[] = [];
    const { writer } = writerInto(rows);
    const pruned = [{ firstIndex: 0n, belowIndex: 256n }];
    await assert.rejects(writer.write(someEntry({ kind: Kind.PRUNED })), EntryRefused);
    await assert.rejects(writer.write(someEntry({ pruned })), EntryRefused);
    assert.equal(rows.length, 0);
    await writer.writeOwn(someEntry({ kind: Kind.PRUNED, pruned }));
    assert.equal(rows.length, 1);
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
