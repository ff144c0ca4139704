import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { arrayLiteral } from '../../../../../services/resident/store/array-literal.ts';

describe('resident: array literals', () => {
  it('quote texts and leave the rest bare', () => {
    assert.equal(arrayLiteral([1, true, null, 'a b', 'NULL', '']), '{1,true,NULL,"a b","NULL",""}');
    assert.equal(arrayLiteral([]), '{}');
  });

  it('escape what would end a text', () => {
    assert.equal(arrayLiteral(['"', '\\', 'a"},{"b\\\\']), String.raw`{"\"","\\","a\"},{\"b\\\\"}`);
  });
});
