import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { type RecordFilter, WatchRecordsResponse } from '#gen/rangkiang/audit/v1/audit.ts';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { LogPages } from '../../../../../services/audit/domain/log-pages.ts';
import { LogTail } from '../../../../../services/audit/domain/log-tail.ts';
import { chosenBy, everything } from '../../../../../services/audit/domain/record-filter.ts';
import type { RecordRow } from '../../../../../services/audit/domain/record-page.ts';
import { watchRecords } from '../../../../../services/audit/domain/watch-records.ts';
import { ModelLog } from '../../../../support/model-log.ts';

/** A log whose tail follows it. */
class WatchedModel extends ModelLog {
  readonly tail = new LogTail(0, () => {});
  readonly pages = new LogPages((stretch) => this.oldest(stretch));
  readonly checkpoint = () => Buffer.from('note');

  override add(...changes: Parameters<ModelLog['add']>): void {
    super.add(...changes);
    this.tail.seen(BigInt(this.rows.length));
  }
}

/** Watches until `done` says so, by what was received so far and how far the watch has got. */
async function receive(
  log: WatchedModel,
  from: bigint,
  filter: RecordFilter,
  done: (indexes: bigint[], next: bigint) => boolean,
): Promise<{ indexes: bigint[]; next: bigint }> {
  const abort = new AbortController();
  const indexes: bigint[] = [];
  for await (const { bytes, count } of watchRecords(log, from, chosenBy(filter), abort.signal)) {
    const { records, nextIndex } = WatchRecordsResponse.decode(bytes);
    assert.equal(records.length, count);
    indexes.push(...records.map(({ index }) => index));
    if (done(indexes, nextIndex)) return { indexes, next: nextIndex };
  }
  return assert.fail('the watch ended by itself');
}

describe('watchRecords', () => {
  it('gives every record that passes in order, also those that come later, wherever it was broken off and resumed', async () => {
    const filter = fc.constantFrom(everything, { ...everything, opd: 'DKK' }, { ...everything, kinds: [Kind.DENIED] });
    const leaf = fc.record({
      opd: fc.constantFrom('DKK', 'DISDIKBUD'),
      kind: fc.constantFrom(Kind.DENIED, Kind.DISCLOSED),
    });
    const leaves = fc.array(leaf, { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(leaves, leaves, filter, fc.nat(12), async (before, later, filter, start) => {
        const log = new WatchedModel();
        for (const leaf of before) log.add(leaf);
        const from = BigInt(Math.min(start, before.length));
        // The last one always passes, so that the end can be seen.
        const add = () => {
          for (const leaf of later) log.add(leaf);
          log.add({ opd: 'DKK', kind: Kind.DENIED });
        };
        const first = await receive(log, from, filter, () => true);
        add();
        const end = BigInt(log.rows.length);
        const rest = await receive(log, first.next, filter, (_, next) => next === end);
        assert.deepEqual(
          [...first.indexes, ...rest.indexes],
          log.passing(filter).filter((index) => index >= from),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('tells at once that it has begun, before there is anything', async () => {
    const log = new WatchedModel();
    assert.deepEqual(await receive(log, 0n, everything, () => true), { indexes: [], next: 0n });
  });

  it('reads nothing more until what it read was taken', async () => {
    const log = new WatchedModel();
    for (let count = 0; count < 900; count++) log.add();
    await log.tail.beyond(0n, 1_000, AbortSignal.timeout(1_000));
    const abort = new AbortController();
    const watch = watchRecords(log, 0n, chosenBy(everything), abort.signal);
    await watch.next();
    const { value: page } = await watch.next();
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    assert.equal(log.read.length, 1);
    assert.equal(page?.count, 256);
    await watch.return(undefined);
  });

  it('reads and encodes what many watch together once', async () => {
    const log = new WatchedModel();
    for (let count = 0; count < 300; count++) log.add();
    const all = () => receive(log, 0n, everything, (_, next) => next === 300n);
    const [one, other] = await Promise.all([all(), all()]);
    assert.deepEqual(one, other);
    assert.equal(log.read.length, 2);
    const [page, again] = await Promise.all([log.pages.at(0n, 300n), log.pages.at(0n, 300n)]);
    assert.equal(page.answer(chosenBy(everything)).bytes, again.answer(chosenBy({ ...everything })).bytes);
  });

  it('passes over what was pruned in one step, however much it was', async () => {
    const log = new WatchedModel();
    log.add();
    const row = { ...(log.rows[0] as RecordRow), index: 5_000_000n };
    const read: bigint[] = [];
    const pages = new LogPages(async ({ from, below }) => {
      read.push(from);
      return from <= row.index && row.index < below ? [row] : [];
    });
    const first = await pages.at(100n, 5_000_300n);
    assert.deepEqual([first.rows.length, first.next], [0, row.index]);
    const { rows, next } = await pages.at(first.next, 5_000_300n);
    assert.deepEqual([rows.length, next], [1, 5_000_192n]);
    assert.equal((await pages.at(next, 5_000_300n)).next, 5_000_300n);
    assert.deepEqual(read, [100n, 256n, row.index, next, 5_000_300n]);
  });

  it('asks again after a page could not be read', async () => {
    const log = new WatchedModel();
    log.add();
    let failures = 1;
    const pages = new LogPages(async (stretch) => {
      if (failures-- > 0) throw new Error('away');
      return log.oldest(stretch);
    });
    await assert.rejects(pages.at(0n, 1n), /away/);
    assert.equal((await pages.at(0n, 1n)).rows.length, 1);
  });

  it('lets Postgres pick while it is far behind, and loses nothing on the way to the end', async () => {
    const log = new WatchedModel();
    for (let index = 0; index < 5_000; index++) log.add({ opd: index % 100 === 7 ? 'DISDIKBUD' : 'DKK' });
    const filter = { ...everything, opd: 'DISDIKBUD' };
    const { indexes } = await receive(log, 0n, filter, (seen) => seen.length === 50);
    assert.deepEqual(indexes, log.passing(filter));
    assert.deepEqual(log.read[0]?.filter, filter);
  });

  it('passes kinds and fields that it does not know, byte by byte', async () => {
    const log = new WatchedModel();
    log.add({ kind: 250 as Kind });
    const unknown = Buffer.concat([log.rows[0]?.leaf as Buffer, Buffer.from([0xfa, 0x3e, 2, 0x41, 0x42])]);
    log.rows[0] = { index: 0n, leaf: unknown, leafHash: Buffer.alloc(32) };
    await log.tail.beyond(0n, 1_000, AbortSignal.timeout(1_000));
    const { bytes } = (await log.pages.at(0n, 1n)).answer(chosenBy(everything));
    const [record] = WatchRecordsResponse.decode(bytes).records;
    assert.equal(record?.leaf?.kind, 250);
    assert.deepEqual(record?.leafBytes, unknown);
    // Once as it is hashed, once as the decoded leaf.
    assert.equal(bytes.toString('latin1').split(unknown.toString('latin1')).length, 3);
  });

  it('tells how far it and the log have got, and the newest checkpoint', async () => {
    const log = new WatchedModel();
    log.add();
    await log.tail.beyond(0n, 1_000, AbortSignal.timeout(1_000));
    const watch = watchRecords(log, 1n, chosenBy(everything), new AbortController().signal);
    const { value } = await watch.next();
    const heartbeat = WatchRecordsResponse.decode((value as { bytes: Buffer }).bytes);
    assert.deepEqual([heartbeat.nextIndex, heartbeat.logSize, String(heartbeat.checkpoint)], [1n, 1n, 'note']);
    await watch.return(undefined);
  });

  it('ends when it is aborted while it waits', async () => {
    const log = new WatchedModel();
    const abort = new AbortController();
    const watch = watchRecords(log, 0n, chosenBy(everything), abort.signal);
    await watch.next();
    const ending = watch.next();
    abort.abort();
    assert.equal((await ending).done, true);
  });

  it('cuts what would not fit into a message', async () => {
    const log = new WatchedModel();
    for (let count = 0; count < 400; count++) log.add({ unit: 'X'.repeat(4_000) });
    const { indexes } = await receive(log, 0n, everything, (seen) => seen.length === 400);
    assert.deepEqual(
      indexes,
      log.rows.map(({ index }) => index),
    );
    assert.ok(log.read.length > 1);
  });
});
