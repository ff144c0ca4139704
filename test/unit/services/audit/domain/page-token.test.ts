import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { MeshError } from '#mesh/errors.ts';
import { pageToken, readPageToken } from '../../../../../services/audit/domain/page-token.ts';

const isInvalid = (error: unknown) => error instanceof MeshError && error.reason === 'PAGE_TOKEN_INVALID';

const listing = Buffer.from('one listing');

describe('page token', () => {
  it('tells where its listing goes on', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }), (below) => {
        assert.equal(readPageToken(pageToken(below, listing), listing), below);
      }),
    );
  });

  it('is refused for another listing', () => {
    const token = pageToken(9n, listing);
    for (const other of ['', 'another']) assert.throws(() => readPageToken(token, Buffer.from(other)), isInvalid);
  });

  it('is refused when it is not one of ours', () => {
    const negative = Buffer.concat([
      Buffer.alloc(8, 0xff),
      Buffer.from(pageToken(0n, listing), 'base64url').subarray(8),
    ]);
    const tokens = [
      '',
      'x',
      '9',
      negative.toString('base64url'),
      `${pageToken(9n, listing)}A`,
      pageToken(9n, listing).slice(1),
    ];
    for (const token of tokens) assert.throws(() => readPageToken(token, listing), isInvalid, token);
    fc.assert(fc.property(fc.base64String(), (token) => assert.throws(() => readPageToken(token, listing), isInvalid)));
  });
});
