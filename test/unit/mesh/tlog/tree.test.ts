import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { TreeEdge } from '#mesh/tlog/edge.ts';
import { perfectRoot } from '#mesh/tlog/hash.ts';
import { verifyConsistency, verifyInclusion } from '#mesh/tlog/proof.ts';
import type { TileId } from '#mesh/tlog/tile.ts';
import { Tree } from '#mesh/tlog/tree.ts';
import { naiveConsistency, naivePath, naiveRoot, naiveTile } from '../../../support/naive-tree.ts';

const leaves = Array.from({ length: 70_000 }, (_, at) => createHash('sha256').update(`leaf ${at}`).digest());
const rootOf = (size: bigint) => naiveRoot(leaves.slice(0, Number(size)));

// Hashing 65,536 leaves takes a while; full tiles are the same in every tree.
const tiles = new Map<string, Buffer>();
function readTile({ level, index, width }: TileId): Buffer {
  const key = `${level}/${index}/${width}`;
  const tile = tiles.get(key) ?? naiveTile(leaves, level, index, width);
  tiles.set(key, tile);
  return tile;
}
const treeOf = (size: bigint) => new Tree(size, async (tile) => readTile(tile));

const small = fc.bigInt({ min: 0n, max: 600n });
const edges = fc.constantFrom(0n, 1n, 2n, 255n, 256n, 257n, 511n, 512n, 1_000n);
const sizes = fc.oneof(small, edges);
/** One bit of one hash turned, one hash left out, doubled or added. */
const mutation = fc.record({ how: fc.constantFrom('FLIP', 'DROP', 'DOUBLE', 'ADD'), at: fc.nat(), bit: fc.nat(255) });

function mutate(proof: readonly Buffer[], { how, at, bit }: { how: string; at: number; bit: number }): Buffer[] {
  const place = proof.length === 0 ? 0 : at % proof.length;
  const mutated: Buffer[] = proof.map((hash) => Buffer.from(hash));
  if (how === 'ADD' || proof.length === 0) mutated.splice(place, 0, leaves[bit] as Buffer);
  else if (how === 'DROP') mutated.splice(place, 1);
  else if (how === 'DOUBLE') mutated.splice(place, 0, mutated[place] as Buffer);
  else {
    const hash = mutated[place] as Buffer;
    hash.writeUInt8(hash.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  }
  return mutated;
}

describe('the tree', () => {
  it('has the root of RFC 6962 at every size, however it grew', async () => {
    const edge = new TreeEdge();
    for (let size = 0; size <= 300; size++) {
      assert.deepEqual(edge.root(), rootOf(BigInt(size)), `${size}`);
      assert.equal(edge.size, BigInt(size));
      edge.push(leaves[size] as Buffer);
    }
    for (const size of [0n, 1n, 255n, 256n, 257n, 600n, 65_536n, 70_000n]) {
      assert.deepEqual(await treeOf(size).root(), rootOf(size), `${size}`);
    }
  });

  it('gives the hash of each of its leaves', async () => {
    const tree = treeOf(600n);
    for (const at of [0, 255, 256, 599]) assert.deepEqual(await tree.leafHash(BigInt(at)), leaves[at]);
  });

  it('has the same root over a row of hashes', () => {
    for (const width of [1, 2, 64, 256]) {
      assert.deepEqual(perfectRoot(Buffer.concat(leaves.slice(0, width))), naiveRoot(leaves.slice(0, width)));
    }
  });

  it('takes subtrees only where they begin at a multiple of their size', () => {
    const edge = new TreeEdge();
    edge.push(leaves[0] as Buffer);
    assert.throws(() => edge.push(leaves[1] as Buffer, 8), RangeError);
  });

  it('proves each entry as RFC 6962 says, and no other proof holds', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), mutation, async (size, at, change) => {
        fc.pre(size > 0n);
        const index = BigInt(at) % size;
        const entry = { index, leafHash: leaves[Number(index)] as Buffer };
        const tree = { size, root: rootOf(size) };
        const proof = await treeOf(size).inclusionProof(index);
        assert.deepEqual(proof, naivePath(Number(index), leaves.slice(0, Number(size))));
        assert.equal(verifyInclusion(entry, tree, proof), true);
        assert.equal(verifyInclusion(entry, tree, mutate(proof, change)), false);
        assert.equal(verifyInclusion({ ...entry, index: index + 1n }, tree, proof), false);
        assert.equal(verifyInclusion({ ...entry, leafHash: leaves[69_999] as Buffer }, tree, proof), false);
        assert.equal(verifyInclusion(entry, { ...tree, root: rootOf(size + 1n) }, proof), false);
      }),
      { numRuns: 60 },
    );
  });

  it('proves that an older tree is its beginning as RFC 6962 says, and no other proof holds', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, sizes, mutation, async (a, b, change) => {
        const [from, size] = a < b ? [a, b] : [b, a];
        const old = { size: from, root: rootOf(from) };
        const tree = { size, root: rootOf(size) };
        const proof = await treeOf(size).consistencyProof(from);
        assert.deepEqual(proof, naiveConsistency(Number(from), leaves.slice(0, Number(size))));
        assert.equal(verifyConsistency(old, tree, proof), true);
        assert.equal(verifyConsistency(old, tree, mutate(proof, change)), false);
        assert.equal(verifyConsistency({ ...old, root: rootOf(from + 1n) }, tree, proof), false);
        // Every tree begins with the empty one.
        if (from > 0n) assert.equal(verifyConsistency(old, { ...tree, root: rootOf(size + 1n) }, proof), false);
        if (from < size) assert.equal(verifyConsistency(tree, old, proof), false);
      }),
      { numRuns: 60 },
    );
  });

  it('proves in a tree of several levels', async () => {
    const size = 70_000n;
    const tree = { size, root: rootOf(size) };
    for (const index of [0n, 255n, 256n, 65_535n, 65_536n, 69_999n]) {
      const entry = { index, leafHash: leaves[Number(index)] as Buffer };
      assert.equal(verifyInclusion(entry, tree, await treeOf(size).inclusionProof(index)), true, `${index}`);
    }
    for (const from of [1n, 256n, 65_536n, 65_537n, 69_999n]) {
      const old = { size: from, root: rootOf(from) };
      assert.equal(verifyConsistency(old, tree, await treeOf(size).consistencyProof(from)), true, `${from}`);
    }
  });

  it('refuses a tile that is too short', async () => {
    const tree = new Tree(300n, async () => Buffer.alloc(32));
    await assert.rejects(tree.root(), RangeError);
  });
});
