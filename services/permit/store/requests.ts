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
}

/**
 * Takes a request id for this request, until the transaction rolls back. Answers `isFirst`, or the subject of the
 * earlier request that this one repeats; a repetition waits here while the first one is being committed. Throws
 * REQUEST_ID_REUSED when the id stands for another request.
 */
export async function claimRequest(client: PoolClient, claim: Claim): Promise<{ isFirst: boolean; subjectId: string }> {
  const { opd, requestId, method, request, subjectId } = claim;
  const fingerprint = hash('sha256', Buffer.concat([Buffer.from(`${method}\n`), request]), 'buffer');
  const inserted = await client.query(
    `insert into requests (opd, request_id, fingerprint, subject_id) values ($1, $2, $3, $4)
     on conflict do nothing`,
    [opd, requestId, fingerprint, subjectId],
  );
  if (inserted.rowCount === 1) return { isFirst: true, subjectId };
  const { rows } = await client.query<{ fingerprint: Buffer; subject_id: string }>(
    'select fingerprint, subject_id from requests where opd = $1 and request_id = $2',
    [opd, requestId],
  );
  const [earlier] = rows;
  if (!earlier?.fingerprint.equals(fingerprint)) throw new MeshError('REQUEST_ID_REUSED');
  return { isFirst: false, subjectId: earlier.subject_id };
}
