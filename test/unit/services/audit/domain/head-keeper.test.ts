import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'mocha';
import type { SignHeadRequest } from '#gen/rangkiang/audit/v1/signer.ts';
import { MeshError } from '#mesh/errors.ts';
import { LOG_ORIGIN } from '#mesh/tlog/checkpoint.ts';
import { logSigner, verifierOf } from '#mesh/tlog/note.ts';
import { Tree } from '#mesh/tlog/tree.ts';
import { HeadKeeper, type HeadSigner, LogBroken } from '../../../../../services/audit/domain/head-keeper.ts';
import { LogTail } from '../../../../../services/audit/domain/log-tail.ts';
import { SignedHistory } from '../../../../../services/signer/domain/signed-history.ts';
import { naiveTile } from '../../../../support/naive-tree.ts';

const key = logSigner(LOG_ORIGIN, randomBytes(32));
const quiet = { info: () => {}, error: () => {} };

/** A log of so many entries, its keeper, and a signer that can be shared with another log. */
function keep(leaves: Buffer[], signer: HeadSigner) {
  const tail = new LogTail(0, () => {});
  const keeper = new HeadKeeper({
    signer,
    verifier: verifierOf(key.verifierKey),
    tail,
    size: async () => BigInt(leaves.length),
    tree: (size) => new Tree(size, async ({ level, index, width }) => naiveTile(leaves, level, index, width)),
    log: quiet,
  });
  return { keeper, tail };
}

function newSigner() {
  let text = '';
  const history = new SignedHistory(key, { load: () => text, save: (saved) => (text = saved) });
  return {
    history,
    newest: async () => history.newest,
    sign: async (request: SignHeadRequest) => history.sign(request),
  };
}

const someLeaves = (count: number) => Array.from({ length: count }, () => randomBytes(32));
const broken = (alarm: LogBroken['alarm']) => (error: unknown) =>
  error instanceof LogBroken && error.alarm === alarm && /^LOG_.* Put back the newest copy/.test(error.message);

describe('HeadKeeper', () => {
  it('has each head signed as the log grows', async () => {
    const leaves = someLeaves(3);
    const { keeper } = keep(leaves, newSigner());
    await keeper.adopt();
    assert.deepEqual([keeper.checkpoint, keeper.head.size], ['', 0n]);
    for (const more of [0, 1, 300]) {
      leaves.push(...someLeaves(more));
      await keeper.signOnce();
      assert.equal(keeper.head.size, BigInt(leaves.length));
      assert.match(keeper.checkpoint, new RegExp(`\\n${leaves.length}\\n`));
    }
  });

  it('signs by itself when the log grows, and again after a signer that was away', async () => {
    const signer = newSigner();
    let isAway = true;
    const leaves = someLeaves(5);
    const sign = async (request: SignHeadRequest) => {
      if (isAway) {
        isAway = false;
        throw new MeshError('SERVICE_UNAVAILABLE');
      }
      return signer.sign(request);
    };
    const { keeper, tail } = keep(leaves, { ...signer, sign });
    const stop = new AbortController();
    const running = keeper.run(stop.signal);
    tail.seen(5n);
    while (keeper.head.size < 5n) await new Promise(setImmediate);
    stop.abort();
    await running;
  });

  it('follows what another replica had signed', async () => {
    const signer = newSigner();
    const leaves = someLeaves(10);
    const [one, two] = [keep(leaves, signer), keep(leaves, signer)];
    await one.keeper.signOnce();
    leaves.push(...someLeaves(10));
    await two.keeper.signOnce();
    assert.equal(two.keeper.head.size, 10n);
    await two.keeper.signOnce();
    assert.equal(two.keeper.head.size, 20n);
    await one.keeper.signOnce();
    assert.equal(one.keeper.head.size, 20n);
  });

  it('refuses a database that is smaller than what was signed, or another', async () => {
    const signer = newSigner();
    const leaves = someLeaves(300);
    await keep(leaves, signer).keeper.signOnce();
    await keep(leaves, signer).keeper.adopt();
    await assert.rejects(keep(leaves.slice(0, 299), signer).keeper.adopt(), broken('LOG_WENT_BACK'));
    const forked = leaves.with(7, randomBytes(32));
    await assert.rejects(keep(forked, signer).keeper.adopt(), broken('LOG_FORKED'));
    await assert.rejects(keep([...forked, ...someLeaves(5)], signer).keeper.adopt(), broken('LOG_FORKED'));
  });

  it('stops when the log goes back or forks while it runs', async () => {
    for (const [change, alarm] of [
      [(leaves: Buffer[]) => leaves.pop(), 'LOG_WENT_BACK'],
      [(leaves: Buffer[]) => leaves.splice(3, 1, randomBytes(32), randomBytes(32)), 'LOG_FORKED'],
    ] as const) {
      const leaves = someLeaves(20);
      const { keeper, tail } = keep(leaves, newSigner());
      await keeper.signOnce();
      change(leaves);
      tail.seen(21n);
      await assert.rejects(keeper.run(new AbortController().signal), broken(alarm));
    }
  });

  it('takes no checkpoint that the log has not signed', async () => {
    const stranger = logSigner(LOG_ORIGIN, randomBytes(32));
    let text = '';
    const history = new SignedHistory(stranger, { load: () => text, save: (saved) => (text = saved) });
    const signer = { newest: async () => history.newest, sign: async (r: SignHeadRequest) => history.sign(r) };
    await assert.rejects(keep(someLeaves(3), signer).keeper.signOnce(), /has not signed/);
  });
});
