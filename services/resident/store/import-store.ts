import { ImportResidentsResponse } from '#gen/rangkiang/resident/v1/registry.ts';
import { MeshError } from '#mesh/errors.ts';
import type { PoolClient } from '#mesh/sql.ts';
import type { CheckedChunk } from '../domain/import-chunk.ts';
import { upsertResidents } from './upsert-residents.ts';

/** A chunk that is on record: its answer but for the audit index, and the event id of its record. */
export interface StoredChunk {
  readonly answer: ImportResidentsResponse;
  readonly eventId: Buffer;
}

/** A chunk whose turn has come, with the way to put it on record. */
export interface OpenChunk {
  /** Imports the rows and remembers the answer. The record with this event id is the caller's to enqueue. */
  store(eventId: Buffer): Promise<StoredChunk>;
}

/**
 * Finds a chunk's place in its import and locks the import until the transaction ends: a stored chunk when it was accepted
 * before, an open one when it is the next. Throws IMPORT_CONFLICT when it leaves a gap, or came with other rows before.
 */
export async function placeChunk(client: PoolClient, chunk: CheckedChunk): Promise<StoredChunk | OpenChunk> {
  const next = await lockImport(client, chunk.importId);
  if (chunk.chunkNumber === next) return { store: (eventId) => store(client, chunk, eventId) };
  const stored = chunk.chunkNumber < next ? await findChunk(client, chunk, next) : undefined;
  if (!stored) throw new MeshError('IMPORT_CONFLICT', { values: { next: String(next) } });
  return stored;
}

async function lockImport(client: PoolClient, importId: string): Promise<bigint> {
  const { rows } = await client.query<{ next: bigint }>(
    `insert into imports (import_id, next_chunk_number) values ($1, 0)
     on conflict (import_id) do update set next_chunk_number = imports.next_chunk_number
     returning next_chunk_number as next`,
    [importId],
  );
  return rows[0]?.next ?? 0n;
}

async function findChunk(client: PoolClient, chunk: CheckedChunk, next: bigint): Promise<StoredChunk | undefined> {
  const { rows } = await client.query<{ answer: Buffer; event_id: Buffer }>(
    'select answer, event_id from import_chunks where import_id = $1 and chunk_number = $2 and digest = $3',
    [chunk.importId, chunk.chunkNumber, chunk.digest],
  );
  const [row] = rows;
  if (!row) return undefined;
  return { answer: { ...ImportResidentsResponse.decode(row.answer), nextChunkNumber: next }, eventId: row.event_id };
}

async function store(client: PoolClient, chunk: CheckedChunk, eventId: Buffer): Promise<StoredChunk> {
  if (chunk.residents.length > 0) await upsertResidents(client, chunk.residents);
  const answer: ImportResidentsResponse = {
    chunkNumber: chunk.chunkNumber,
    accepted: chunk.acceptedRows,
    errors: [...chunk.errors],
    auditIndex: 0n,
    nextChunkNumber: 0n,
  };
  const bytes = ImportResidentsResponse.encode(answer).finish();
  await client.query(
    `with chunk as (
       insert into import_chunks (import_id, chunk_number, digest, answer, event_id) values ($1, $2, $3, $4, $5)
     )
     update imports set next_chunk_number = $2::int8 + 1,
       last_import_time = case when $6 then clock_timestamp() else last_import_time end
     where import_id = $1`,
    [chunk.importId, chunk.chunkNumber, chunk.digest, bytes, eventId, chunk.acceptedRows > 0],
  );
  return { answer: { ...answer, nextChunkNumber: chunk.chunkNumber + 1n }, eventId };
}
