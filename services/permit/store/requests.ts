import { hash } from 'node:crypto';
import { MeshError } from '#mesh/errors.ts';
import type { PoolClient } from '#mesh/sql.ts';

/** A request that changes something. */
export interface Claim {
  /** The caller's OPD: request ids of different callers do not meet. */
  readonly opd: string;
  readonly requestId: string;
  /** Full path, and the request's bytes. */
  readonly method: string;
  readonly request: Uint8Array;
  /** What the request makes or changes, if it is the first with its id. */
  readonly subjectId: string;
  /** The record of the change that it makes. */
  readonly event?: Buffer;
}

/**
 * Takes a request id for this request, until the transaction rolls back. Answers `isFirst`, or subject and
 * record of the earlier request that this one repeats; a repetition waits here while the first one is being committed. Throws
 * REQUEST_ID_REUSED when the id stands for another request.
 */
export async function claimRequest(
  client: PoolClient,
  claim: Claim,
): Promise<{ isFirst: boolean; subjectId: string; event: Buffer | undefined }> {
  const { opd, requestId, method, request, subjectId, event } = claim;
  const fingerprint = hash('sha256', Buffer.concat([Buffer.from(`${method}\n`), request]), 'buffer');
  const inserted = await client.query(
    `insert into requests (opd, request_id, fingerprint, subject_id, event) values ($1, $2, $3, $4, $5)
     on conflict do nothing`,
    [opd, requestId, fingerprint, subjectId, event ?? null],
  );
  if (inserted.rowCount === 1) return { isFirst: true, subjectId, event };
  const { rows } = await client.query<{ fingerprint: Buffer; subject_id: string; event: Buffer | null }>(
    'select fingerprint, subject_id, event from requests where opd = $1 and request_id = $2',
    [opd, requestId],
  );
  const [earlier] = rows;
  if (!earlier?.fingerprint.equals(fingerprint)) throw new MeshError('REQUEST_ID_REUSED');
  return { isFirst: false, subjectId: earlier.subject_id, event: earlier.event ?? undefined };
}
