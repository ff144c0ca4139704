import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { RecordFilter } from '#gen/rangkiang/audit/v1/audit.ts';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { LogTail } from '../../../../../services/audit/domain/log-tail.ts';
import { everything } from '../../../../../services/audit/domain/record-page.ts';
import { watchRecords } from '../../../../../services/audit/domain/watch-records.ts';
import { ModelLog } from '../../../../support/model-log.ts';

/** A log whose tail follows it. */
class WatchedModel extends ModelLog {
  readonly tail = new LogTail(0, () => {});

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
  for await (const { records, nextIndex } of watchRecords(log, from, filter, abort.signal)) {
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
    const watch = watchRecords(log, 0n, everything, abort.signal);
    const { value: page } = await watch.next();
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    assert.equal(log.read.length, 1);
    assert.ok((page?.records.length ?? 0) < 900);
    await watch.return(undefined);
  });

  it('ends when it is aborted while it waits', async () => {
    const log = new WatchedModel();
    const abort = new AbortController();
    const watch = watchRecords(log, 0n, everything, abort.signal);
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
