import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { FollowPolicyResponse } from '#gen/rangkiang/audit/v1/policy_feed.ts';
import { followPolicy } from '../../../../../services/audit/domain/follow-policy.ts';
import { LogTail } from '../../../../../services/audit/domain/log-tail.ts';
import { everything } from '../../../../../services/audit/domain/record-filter.ts';
import { ModelLog } from '../../../../support/model-log.ts';

/** A log whose tail tells of the policy. */
class FollowedModel extends ModelLog {
  readonly tail = new LogTail(0, () => {});

  /** Appends so many records of a kind. */
  grow(kind: Kind, count = 1): void {
    for (let left = count; left > 0; left -= 1) this.add({ kind });
    if (kind === Kind.POLICY) this.tail.seen(BigInt(this.rows.length));
  }

  async policyFrom(index: bigint, limit: number) {
    const filter = { ...everything, kinds: [Kind.POLICY] };
    return this.oldest({ filter, from: index, below: BigInt(this.rows.length), limit });
  }
}

const told = ({ records, nextIndex, size }: FollowPolicyResponse) => [records.length, Number(nextIndex), Number(size)];

describe('followPolicy', () => {
  let log: FollowedModel;
  let abort: AbortController;
  beforeEach(() => {
    log = new FollowedModel();
    abort = new AbortController();
  });
  const follow = (from: bigint) => {
    const answers = followPolicy(log, from, abort.signal);
    return async () => {
      const { value } = await answers.next();
      assert(value);
      return value;
    };
  };

  it('gives records of the policy alone, in pages, and says when there are no more', async () => {
    log.grow(Kind.DISCLOSED, 3);
    log.grow(Kind.POLICY, 600);
    log.grow(Kind.DENIED, 2);
    const next = follow(0n);
    const [first, second] = [await next(), await next()];
    assert.deepEqual(
      [told(first), told(second)],
      [
        [500, 503, 605],
        [100, 605, 605],
      ],
    );
    assert.deepEqual(first.records[0]?.leaf, log.rows[3]?.leaf);
  });

  it('gives what comes while it waits, at once, and resumes from where it was broken off', async () => {
    log.grow(Kind.POLICY);
    const next = follow(0n);
    await next();
    const waiting = next();
    log.grow(Kind.DENIED);
    log.grow(Kind.POLICY);
    assert.deepEqual(told(await waiting), [1, 3, 3]);
    assert.deepEqual(told(await follow(2n)()), [1, 3, 3]);
  });

  it('tells a reader who has seen more than the log holds how little that is', async () => {
    log.grow(Kind.POLICY);
    assert.deepEqual(told(await follow(9n)()), [0, 9, 1]);
  });
});
