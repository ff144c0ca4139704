import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'mocha';
import type { Memory } from '#mesh/memory-file.ts';
import { LOG_ORIGIN, signCheckpoint } from '#mesh/tlog/checkpoint.ts';
import { cosignedAtMs, logSigner, openNote, verifierOf, WITNESS_NAME, witnessSigner } from '#mesh/tlog/note.ts';
import { Tree } from '#mesh/tlog/tree.ts';
import { Witness } from '../../../../cli/witness/witness.ts';
import { naiveTile } from '../../../support/naive-tree.ts';

const log = logSigner(LOG_ORIGIN, randomBytes(32));
const key = witnessSigner(WITNESS_NAME, randomBytes(32), () => 1_790_000_000_000);
const leaves = Array.from({ length: 400 }, () => randomBytes(32));

class Page implements Memory {
  text = '';
  load() {
    return this.text;
  }
  save(text: string) {
    this.text = text;
  }
}

const start = (memory: Memory = new Page()) => new Witness(verifierOf(log.verifierKey), key, memory);

/** The body of add-checkpoint for a log of `size`, proven from `old`; its entries are others from `forkAt` on. */
async function body(old: number, size: number, { forkAt = size, signer = log } = {}): Promise<string> {
  const own = leaves.map((leaf, at) => (at < forkAt ? leaf : Buffer.from(leaf).fill(at)));
  const tree = new Tree(BigInt(size), async ({ level, index, width }) => naiveTile(own, level, index, width));
  const proof = old <= size ? await tree.consistencyProof(BigInt(old)) : [];
  const note = signCheckpoint({ size: BigInt(size), root: await tree.root() }, signer);
  return [`old ${old}`, ...proof.map((hash) => hash.toString('base64')), '', note].join('\n');
}

describe('a witness', () => {
  it('cosigns heads that go on from each other, with its time', async () => {
    const witness = start();
    let old = 0;
    for (const size of [1, 256, 256, 399]) {
      const sent = await body(old, size);
      const answer = witness.addCheckpoint(sent);
      assert.equal(answer.status, 200, answer.body);
      const cosigned = sent.slice(sent.indexOf('\n\n') + 2) + answer.body;
      const verifier = verifierOf(key.verifierKey);
      assert.deepEqual(openNote(cosigned, [verifier]).signedBy, [verifier]);
      assert.equal(cosignedAtMs(cosigned, verifier), 1_790_000_000_000);
      old = size;
    }
    assert.equal(witness.head.size, 399n);
  });

  it('refuses a fork, a rollback and what does not prove itself, also after a restart', async () => {
    const memory = new Page();
    assert.equal(start(memory).addCheckpoint(await body(0, 300)).status, 200);
    const witness = start(memory);
    assert.equal(witness.addCheckpoint(await body(300, 400, { forkAt: 100 })).status, 422);
    assert.equal(witness.addCheckpoint(await body(300, 300, { forkAt: 100 })).status, 409);
    const known = witness.addCheckpoint(await body(100, 200));
    assert.deepEqual(known, { status: 409, body: '300\n', type: 'text/x.tlog.size' });
    assert.equal(witness.addCheckpoint(await body(300, 200)).status, 400);
    assert.equal(witness.addCheckpoint((await body(300, 400)).replace(/\n[^\n]+\n/, '\n')).status, 422);
    assert.equal(witness.head.size, 300n);
    assert.equal(witness.addCheckpoint(await body(300, 400)).status, 200);
  });

  it('answers by the protocol what is malformed, unknown or unsigned', async () => {
    const witness = start();
    const good = await body(0, 5);
    assert.equal(witness.addCheckpoint('').status, 400);
    assert.equal(witness.addCheckpoint(good.replace('old 0', 'old -1')).status, 400);
    assert.equal(witness.addCheckpoint(good.replace('old 0', 'old 0\nAAAA')).status, 400);
    assert.equal(witness.addCheckpoint(await body(0, 5, { signer: logSigner('other', randomBytes(32)) })).status, 404);
    assert.equal(
      witness.addCheckpoint(await body(0, 5, { signer: logSigner(LOG_ORIGIN, randomBytes(32)) })).status,
      403,
    );
    assert.equal(witness.head.size, 0n);
  });

  it('has cosigned nothing that it could not remember', async () => {
    const memory = new Page();
    const witness = start(memory);
    memory.save = () => {
      throw new Error('no space left');
    };
    const sent = await body(0, 5);
    assert.throws(() => witness.addCheckpoint(sent), /no space/);
    assert.equal(witness.head.size, 0n);
  });
});
