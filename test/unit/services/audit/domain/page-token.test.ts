import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { MeshError } from '#mesh/errors.ts';
import { pageToken, readPageToken } from '../../../../../services/audit/domain/page-token.ts';
import { everything } from '../../../../../services/audit/domain/record-filter.ts';

const isInvalid = (error: unknown) => error instanceof MeshError && error.reason === 'PAGE_TOKEN_INVALID';

describe('page token', () => {
  it('tells where its listing goes on', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }), (below) => {
        assert.equal(readPageToken(pageToken(below, everything), everything), below);
      }),
    );
  });

  it('is refused with another filter', () => {
    const token = pageToken(9n, { ...everything, opd: 'DKK' });
    for (const opd of ['', 'DISDIKBUD']) assert.throws(() => readPageToken(token, { ...everything, opd }), isInvalid);
  });

  it('is refused when it is not one of ours', () => {
    const negative = Buffer.concat([
      Buffer.alloc(8, 0xff),
      Buffer.from(pageToken(0n, everything), 'base64url').subarray(8),
    ]);
    const tokens = [
      '',
      'x',
      '9',
      negative.toString('base64url'),
      `${pageToken(9n, everything)}A`,
      pageToken(9n, everything).slice(1),
    ];
    for (const token of tokens) assert.throws(() => readPageToken(token, everything), isInvalid, token);
    fc.assert(
      fc.property(fc.base64String(), (token) => assert.throws(() => readPageToken(token, everything), isInvalid)),
    );
  });
});
