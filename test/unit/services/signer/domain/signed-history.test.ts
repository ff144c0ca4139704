import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'mocha';
import type { Memory } from '#mesh/memory-file.ts';
import { LOG_ORIGIN, openCheckpoint } from '#mesh/tlog/checkpoint.ts';
import { logSigner, verifierOf } from '#mesh/tlog/note.ts';
import { Tree } from '#mesh/tlog/tree.ts';
import { SignedHistory } from '../../../../../services/signer/domain/signed-history.ts';
import { naiveTile } from '../../../../support/naive-tree.ts';

const key = logSigner(LOG_ORIGIN, randomBytes(32));
const leaves = Array.from({ length: 600 }, () => randomBytes(32));

class Page implements Memory {
  text = '';
  load() {
    return this.text;
  }
  save(text: string) {
    this.text = text;
  }
}

/** A head of a log whose first entries are `leaves`, from `forkAt` on others. */
async function wanted(size: number, signedSize: number, forkAt = size) {
  const own = leaves.map((leaf, at) => (at < forkAt ? leaf : Buffer.from(leaf).fill(at)));
  const tree = new Tree(BigInt(size), async ({ level, index, width }) => naiveTile(own, level, index, width));
  const consistency = signedSize <= size ? await tree.consistencyProof(BigInt(signedSize)) : [];
  return { size: BigInt(size), root: await tree.root(), signedSize: BigInt(signedSize), consistency };
}

const sizeOf = (checkpoint: string) => openCheckpoint(checkpoint, verifierOf(key.verifierKey)).size;
const refused = { reason: 'HEAD_REFUSED' };

describe('SignedHistory', () => {
  it('signs one head after the other, each on disk before it is told, and the same again for one that is repeated', async () => {
    const page = new Page();
    const history = new SignedHistory(key, page);
    assert.equal(history.newest, '');
    let signed = 0;
    for (const size of [1, 255, 256, 256, 257, 600]) {
      const checkpoint = history.sign(await wanted(size, signed));
      assert.equal(sizeOf(checkpoint), BigInt(size));
      assert.deepEqual([page.text, history.newest], [checkpoint, checkpoint]);
      signed = size;
    }
  });

  it('refuses a head that does not go on from the one signed last, or is smaller', async () => {
    const page = new Page();
    const history = new SignedHistory(key, page);
    const first = history.sign(await wanted(300, 0));
    const good = await wanted(500, 300);
    const wrong = [
      await wanted(500, 300, 200),
      await wanted(300, 300, 200),
      { ...(await wanted(200, 300)), signedSize: 300n },
      { ...good, root: randomBytes(32) },
      { ...good, consistency: good.consistency.slice(1) },
      { ...good, consistency: [] },
    ];
    for (const each of wrong) assert.throws(() => history.sign(each), refused);
    assert.deepEqual([page.text, history.newest], [first, first]);
    assert.equal(sizeOf(history.sign(good)), 500n);
  });

  it('signs nothing for whoever does not know what was signed last, and tells it', async () => {
    const history = new SignedHistory(key, new Page());
    const last = history.sign(await wanted(300, 0));
    for (const [size, known] of [
      [400, 200],
      [400, 0],
      [100, 50],
    ] as const) {
      assert.equal(history.sign(await wanted(size, known)), last);
    }
  });

  it('does not take its word for what was signed when it remembers nothing', async () => {
    const history = new SignedHistory(key, new Page());
    const head = await wanted(400, 200);
    assert.throws(() => history.sign(head), refused);
  });

  it('goes on after a restart where it was, and does not start with a memory that is not its own', async () => {
    const page = new Page();
    new SignedHistory(key, page).sign(await wanted(300, 0));
    const again = new SignedHistory(key, page);
    const fork = await wanted(500, 300, 200);
    assert.throws(() => again.sign(fork), refused);
    assert.equal(sizeOf(again.sign(await wanted(500, 300))), 500n);
    assert.throws(() => new SignedHistory(logSigner(LOG_ORIGIN, randomBytes(32)), page));
    page.text = page.text.slice(0, 40);
    assert.throws(() => new SignedHistory(key, page));
  });

  it('has signed nothing when it could not remember it', async () => {
    const page = new Page();
    const history = new SignedHistory(key, page);
    const head = await wanted(300, 0);
    page.save = () => {
      throw new Error('no space left');
    };
    assert.throws(() => history.sign(head), /no space/);
    assert.equal(history.newest, '');
  });
});
