import { MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';
import { pageToken, readPageToken } from './domain/page-token.ts';
import type { Page } from './store/page.ts';

const DEFAULT_PAGE_SIZE = 50;

/** The fields that every listing has. */
interface ListRequest {
  readonly state: number;
  readonly opd: string;
  readonly pageSize: number;
  readonly pageToken: string;
}

/**
 * Answers a page of a listing: reads the token, fetches, and makes the next one. Throws PAGE_TOKEN_INVALID for a token
 * that this listing (method, filter and caller's reach) did not give.
 */
export async function answerPage<T>(
  request: ListRequest,
  { method, grant }: CallContext,
  fetch: (page: Page) => Promise<{ items: T[]; last: bigint | undefined }>,
): Promise<{ items: T[]; nextPageToken: string }> {
  const listing = [method.path, request.state, request.opd, grant.scope, grant.opd].join(' ');
  const before = request.pageToken ? readPageToken(listing, request.pageToken) : undefined;
  if (request.pageToken && before === undefined) throw new MeshError('PAGE_TOKEN_INVALID');
  const { items, last } = await fetch({ opd: request.opd, before, limit: request.pageSize || DEFAULT_PAGE_SIZE });
  return { items, nextPageToken: last === undefined ? '' : pageToken(listing, last) };
}
