import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { similarityOf } from '../../../../../services/resident/domain/similarity.ts';

describe('resident: similarity', () => {
  it('counts typing errors over the length of the longer text', () => {
    assert.equal(similarityOf('SITI AMINAH', 'SITI AMINAH'), 1);
    assert.equal(similarityOf('ABCDEFGHIJ', 'ABCDEFGHIX'), 0.9);
    assert.equal(similarityOf('ABCDEFGHIJ', 'ABCDEFGHI'), 0.9);
    assert.equal(similarityOf('ABCDEFGHIJ', 'ABCDEFGHJI'), 0.9, 'two letters swapped are one error');
    assert.equal(similarityOf('', ''), 1);
    assert.equal(similarityOf('', 'ABC'), 0);
  });

  it('does not mind the order of words', () => {
    assert.equal(similarityOf('SANTOSO BUDI', 'BUDI SANTOSO'), 1);
  });

  it('is symmetric, between 0 and 1, and 1 only for the same words', () => {
    const text = fc.array(fc.constantFrom('A', 'B', 'C', ' '), { maxLength: 8 }).map((letters) => letters.join(''));
    const words = (value: string) => value.split(' ').sort().join(' ');
    fc.assert(
      fc.property(text, text, (a, b) => {
        const similarity = similarityOf(a, b);
        assert.equal(similarity, similarityOf(b, a));
        assert.ok(similarity >= 0 && similarity <= 1);
        assert.equal(similarity === 1, words(a) === words(b));
      }),
    );
  });
});
