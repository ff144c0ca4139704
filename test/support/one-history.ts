import assert from 'node:assert/strict';
import { leafHash } from '#mesh/leaf.ts';
import type { Pool } from '#mesh/sql.ts';
import { openCheckpoint } from '#mesh/tlog/checkpoint.ts';
import { TreeEdge } from '#mesh/tlog/edge.ts';
import { verifierOf } from '#mesh/tlog/note.ts';

/** What a client keeps of an acknowledgement; bytes in hex. */
export interface KeptRecord {
  readonly eventId: string;
  readonly index: bigint;
  readonly leafHash: string;
}

/** What whoever wrote to the log was told. */
export interface Told {
  readonly records: readonly KeptRecord[];
  /** Signed heads. */
  readonly checkpoints: readonly string[];
}

/**
 * Asserts that the database holds all that was told: indexes without a gap, each event id once, each acknowledged record where
 * it was said to be, and of each size one root, that of every head seen. Answers how much it compared.
 */
export async function assertOneHistory(
  pool: Pool,
  { records, checkpoints }: Told,
  logKey: string,
): Promise<{ rows: number; heads: number }> {
  const { rows } = await pool.query<{ index: bigint; event: string; leaf: Buffer; leaf_hash: Buffer }>(
    "select index, encode(uuid_send(event_id), 'hex') as event, leaf, leaf_hash from entry order by index",
  );
  assert.deepEqual(
    rows.map(({ index }) => index),
    rows.map((_, at) => BigInt(at)),
    'the indexes have gaps',
  );
  assert.equal(new Set(rows.map(({ event }) => event)).size, rows.length, 'an event id is there twice');
  for (const { eventId, index, leafHash: hash } of records) {
    const row = rows[Number(index)];
    assert.ok(row, `record ${index} was acknowledged and is lost`);
    assert.deepEqual([row.event, row.leaf_hash.toString('hex')], [eventId, hash], `record ${index} is another one`);
  }

  const heads = checkpoints.filter((note) => note !== '').map((note) => openCheckpoint(note, verifierOf(logKey)));
  const bySize = Map.groupBy(heads, ({ size }) => size);
  const edge = new TreeEdge();
  const roots = new Map([[0n, edge.root()]]);
  for (const { leaf } of rows) {
    edge.push(leafHash(leaf));
    if (bySize.has(edge.size)) roots.set(edge.size, edge.root());
  }
  for (const { size, root } of heads) {
    const own = roots.get(size);
    assert.ok(own, `a head of ${size} entries was signed and the log has ${rows.length}`);
    assert.deepEqual(root, own, `a head of ${size} entries is not the log's`);
  }
  return { rows: rows.length, heads: bySize.size };
}
