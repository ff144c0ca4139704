import { randomBytes } from 'node:crypto';
import type { LogSource } from '../cli/audit/log-source.ts';
import { verifyLog } from '../cli/audit/verify-log.ts';
import { leafHash } from '../mesh/leaf.ts';
import { TreeEdge } from '../mesh/tlog/edge.ts';
import { HASH_BYTES } from '../mesh/tlog/hash.ts';
import { encodeBundle, TILE_WIDTH } from '../mesh/tlog/tile.ts';

const ENTRIES = 512 * TILE_WIDTH;
/** A usual leaf. */
const LEAF_BYTES = 340;

/** Checks a whole log as `rangkiang audit verify --dir` does, from memory; answers entries in a second. */
export async function verifyRate(): Promise<number> {
  const bundles: Buffer[] = [];
  const rows: Buffer[][] = [[], [], []];
  const edge = new TreeEdge();
  for (let at = 0; at < ENTRIES; at += TILE_WIDTH) {
    const leaves = Array.from({ length: TILE_WIDTH }, () => randomBytes(LEAF_BYTES));
    bundles.push(encodeBundle(leaves));
    const tile = new TreeEdge();
    for (const leaf of leaves) {
      const hash = leafHash(leaf);
      rows[0]?.push(hash);
      tile.push(hash);
    }
    rows[1]?.push(tile.root());
    edge.push(tile.root(), 8);
  }
  for (let at = 0; at < ENTRIES / TILE_WIDTH; at += TILE_WIDTH) {
    const tile = new TreeEdge();
    for (const hash of rows[1]?.slice(at, at + TILE_WIDTH) ?? []) tile.push(hash);
    rows[2]?.push(tile.root());
  }
  const tiles = rows.map((hashes) => Buffer.concat(hashes));
  const source: LogSource = {
    checkpoint: async () => undefined,
    tile: async ({ level, index, width }) => {
      const from = Number(index) * TILE_WIDTH * HASH_BYTES;
      return tiles[level]?.subarray(from, from + width * HASH_BYTES);
    },
    bundle: async ({ index }) => bundles[Number(index)],
    heads: async () => [],
    close: () => {},
  };
  const startMs = performance.now();
  await verifyLog(source, { size: edge.size, root: edge.root() });
  return (ENTRIES * 1000) / (performance.now() - startMs);
}
