import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { Kind, Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { countUse } from '../../../../../services/audit/domain/count-use.ts';
import { someLeaf } from '../../../../support/audit-entries.ts';
import { ModelLog } from '../../../../support/model-log.ts';

const HOUR_MS = 3_600_000;
const now = 1_790_000_000_000;
const us = (ms: number) => BigInt(ms) * 1_000n;

describe('countUse', () => {
  it('counts each call of the agency in the window once, by how it ended', async () => {
    const call = fc.record({
      opd: fc.constantFrom('DKK', 'DISDIK'),
      unit: fc.constantFrom('PUSAT', 'PKM-PAUH'),
      kind: fc.constantFrom(Kind.DISCLOSED, Kind.EMPTY, Kind.DENIED, Kind.READ, Kind.FAILED),
      reason: fc.constantFrom('', 'NO_PERMIT'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 40 }), fc.nat(40), async (calls, old) => {
        const log = new ModelLog();
        for (const [at, changes] of calls.entries()) log.add({ ...changes, timeUs: us(now + (at < old ? -1 : 1)) });
        const { counts, complete } = await countUse(log, { opd: 'DKK', since: new Date(now) }, HOUR_MS);
        const wanted = calls
          .slice(old)
          .filter(({ opd, kind }) => opd === 'DKK' && kind !== Kind.READ && kind !== Kind.FAILED);
        assert.equal(complete, true);
        assert.equal(
          counts.reduce((sum, { calls: number }) => sum + number, 0n),
          BigInt(wanted.length),
        );
        for (const { unit, kind, reason, calls: number } of counts) {
          const alike = wanted.filter((one) => one.unit === unit && one.kind === kind && one.reason === reason);
          assert.equal(number, BigInt(alike.length));
        }
      }),
      { numRuns: 50 },
    );
  });

  it('does not let a refused caller make the answer long with permits that it invents', async () => {
    const log = new ModelLog();
    for (let n = 0; n < 100; n += 1) log.add({ kind: Kind.DENIED, permit: randomUUID(), timeUs: us(now) });
    const { counts } = await countUse(log, { opd: 'DKK', since: new Date(now) }, HOUR_MS);
    assert.equal(counts.length, 1);
    assert.deepEqual([counts[0]?.permit, counts[0]?.calls], ['', 100n]);
  });

  it('looks at no more of the log than the window holds, and says how far it came when its time is over', async () => {
    let looks = 0;
    const leafAt = (index: bigint) => Buffer.from(Leaf.encode(someLeaf({ timeUs: us(Number(index)) })).finish());
    const row = (index: bigint) => ({ index, leaf: leafAt(index), leafHash: Buffer.alloc(32) });
    const long = {
      size: async () => 10_000_000n,
      newest: async () => {
        looks += 1;
        return [];
      },
      at: async (index: bigint) => row(index),
    };
    const since = new Date(9_850_000);
    assert.deepEqual(await countUse(long, { opd: 'DKK', since }, HOUR_MS), {
      counts: [],
      complete: true,
      countedSince: since,
    });
    assert.equal(looks, 2);

    assert.deepEqual(await countUse(long, { opd: 'DKK', since: new Date(0) }, 0), {
      counts: [],
      complete: false,
      countedSince: new Date(9_900_000),
    });
  });
});
