import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { pageToken, readPageToken } from '../../../../../services/permit/domain/page-token.ts';

describe('a page token', () => {
  const number = fc.bigInt({ min: 1n, max: 2n ** 63n - 1n });

  it('leads the listing that gave it to the next page, and no other listing', () => {
    fc.assert(
      fc.property(number, fc.string(), fc.string(), (last, listing, other) => {
        const token = pageToken(listing, last);
        assert.equal(readPageToken(listing, token), last);
        if (other !== listing) assert.equal(readPageToken(other, token), undefined);
      }),
    );
  });

  it('is refused when any character is changed, missing or added', () => {
    fc.assert(
      fc.property(number, fc.nat(), fc.constantFrom('', 'A', 'z', '=', 'é'), (last, place, put) => {
        const token = pageToken('list', last);
        const at = place % token.length;
        const changed = token.slice(0, at) + put + token.slice(at + 1);
        fc.pre(changed !== token);
        assert.equal(readPageToken('list', changed), undefined);
        assert.equal(readPageToken('list', `${token}${put || 'A'}`), undefined);
      }),
    );
    assert.equal(readPageToken('list', ''), undefined);
  });
});
