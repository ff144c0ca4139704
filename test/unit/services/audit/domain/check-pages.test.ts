import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { describe, it } from 'mocha';
import { StoredFaultCode } from '#gen/rangkiang/audit/v1/proof.ts';
import { LOG_ORIGIN, signCheckpoint } from '#mesh/tlog/checkpoint.ts';
import { logSigner, verifierOf } from '#mesh/tlog/note.ts';
import { Tree } from '#mesh/tlog/tree.ts';
import { checkPages } from '../../../../../services/audit/domain/check-pages.ts';
import { naiveRoot, naiveTile } from '../../../../support/naive-tree.ts';

const signer = logSigner(LOG_ORIGIN, randomBytes(32));
const leaves = Array.from({ length: 5 }, () => randomBytes(32));

/** The fault of a log of these leaves that keeps this checkpoint; its rows are other tests' matter. */
async function faultOf(published: string) {
  const log = {
    read: async () => ({ rows: [], parts: new Map() }),
    lastErasure: async () => -1n,
    published: async () => published,
    unwrap: () => createSecretKey(randomBytes(32)),
    tag: () => Buffer.alloc(16),
    rules: new Map(),
    verifier: verifierOf(signer.verifierKey),
    tree: (size: bigint) => new Tree(size, async ({ level, index, width }) => naiveTile(leaves, level, index, width)),
  };
  return (await checkPages(log, 0n, 5n, 1_000)).fault;
}

const signed = (size: bigint, root: Buffer, by = signer) => signCheckpoint({ size, root }, by);
const fault = (index: bigint) => ({ index, code: StoredFaultCode.CHECKPOINT, column: '' });

describe('the checkpoint that is kept', () => {
  it('is good when it is a head of this log, of any size, or not there yet', async () => {
    assert.equal(await faultOf(''), undefined);
    assert.equal(await faultOf(signed(5n, naiveRoot(leaves))), undefined);
    assert.equal(await faultOf(signed(3n, naiveRoot(leaves.slice(0, 3)))), undefined);
  });

  it('is a fault when it was signed for another log, or by another key', async () => {
    assert.deepEqual(await faultOf(signed(5n, naiveRoot(leaves.toReversed()))), fault(5n));
    const stranger = logSigner(LOG_ORIGIN, randomBytes(32));
    assert.deepEqual(await faultOf(signed(5n, naiveRoot(leaves), stranger)), fault(0n));
  });
});
