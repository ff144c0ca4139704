import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, it } from 'mocha';
import type { FollowPolicyResponse } from '#gen/rangkiang/audit/v1/policy_feed.ts';
import { digestOf, Holding } from '../../../broker/policy/holding.ts';
import { PolicyFeed } from '../../../broker/policy-feed.ts';
import { issued, izinOf, recordOf } from '../../support/policy.ts';

class Stream extends EventEmitter {
  readonly fromIndex: number;
  isCancelled = false;

  constructor(fromIndex: bigint) {
    super();
    this.fromIndex = Number(fromIndex);
  }

  cancel(): void {
    this.isCancelled = true;
  }

  tell(next: number, size: number, records: FollowPolicyResponse['records'] = []): void {
    this.emit('data', { records, nextIndex: BigInt(next), size: BigInt(size) });
  }
}

describe('PolicyFeed', () => {
  const change = issued(izinOf());
  let holding: Holding;
  let streams: Stream[];
  let timers: { delayMs: number; run: () => void }[];
  let nowMs: number;
  let rings: number;
  let feed: PolicyFeed;
  beforeEach(() => {
    holding = new Holding();
    streams = [];
    timers = [];
    nowMs = 0;
    rings = 0;
    feed = new PolicyFeed({
      open: (fromIndex) => {
        const stream = new Stream(fromIndex);
        streams.push(stream);
        return stream;
      },
      holding,
      onRecords: () => {
        rings += 1;
      },
      monoMs: () => nowMs,
      timer: (delayMs, run) => {
        const timer = { delayMs, run };
        timers.push(timer);
        return () => {
          timers = timers.filter((each) => each !== timer);
        };
      },
    });
    feed.start();
  });
  const stream = () => streams.at(-1) as Stream;

  it('is caught up when the log was read to its end, and live while it is heard of', async () => {
    let isCaughtUp = false;
    void feed.caughtUp.then(() => {
      isCaughtUp = true;
    });
    stream().tell(500, 900, [recordOf(3, change)]);
    await setImmediate();
    assert.deepEqual([isCaughtUp, feed.isLive, rings], [false, false, 1]);
    stream().tell(900, 900);
    await setImmediate();
    assert.deepEqual([isCaughtUp, feed.isLive, rings], [true, true, 1]);
    nowMs = 3_000;
    assert.equal(feed.isLive, false);
  });

  it('opens the stream again where it was broken off, and believes nothing more of the broken one', () => {
    stream().tell(7, 7);
    const [broken] = streams;
    broken?.emit('error', new Error('UNAVAILABLE'));
    broken?.emit('end');
    assert.equal(timers.length, 1);
    timers[0]?.run();
    assert.deepEqual(
      streams.map(({ fromIndex }) => fromIndex),
      [0, 7],
    );
    broken?.tell(99, 99);
    stream().emit('end');
    timers.at(-1)?.run();
    assert.equal(stream().fromIndex, 7);
  });

  it('believes nothing more of a log that has lost what was seen, now or by an earlier process', () => {
    stream().tell(9, 9);
    stream().tell(9, 8, [recordOf(3, change)]);
    stream().tell(99, 99, [recordOf(3, change)]);
    assert.deepEqual([feed.wentBack, feed.isLive, rings], [true, false, 0]);

    let told = 0;
    const parts = { holding, onRecords: () => {}, monoMs: () => 0, timer: () => () => {} };
    const later = new Stream(0n);
    const other = new PolicyFeed({ ...parts, open: () => later, seenSize: 9n, onWentBack: () => (told += 1) });
    other.start();
    later.tell(8, 8);
    later.tell(8, 8);
    assert.deepEqual([other.wentBack, other.isLive, told], [true, false, 1]);
  });

  it('opens nothing more once it is stopped', () => {
    feed.stop();
    assert.equal(stream().isCancelled, true);
    stream().emit('error', new Error('CANCELLED'));
    assert.equal(timers.length, 0);
  });

  it('gives the record of what widens a moment, and no longer', async () => {
    stream().tell(1, 1);
    const waiting = feed.grace([change]);
    await setImmediate();
    stream().tell(2, 2, [recordOf(1, change)]);
    await waiting;
    assert.equal(holding.isRecorded(digestOf(change)), true);
    assert.equal(timers.length, 0);

    const late = feed.grace([issued(izinOf())]);
    await setImmediate();
    nowMs = timers[0]?.delayMs ?? 0;
    timers[0]?.run();
    await late;
  });

  it('waits for nothing while the audit service is away', async () => {
    stream().tell(1, 1);
    nowMs = 10_000;
    await feed.grace([change]);
    assert.equal(timers.length, 0);
  });
});
