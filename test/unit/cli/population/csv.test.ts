import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { readData } from '../../../../cli/population/csv.ts';

describe('readData', () => {
  it('reads quoted cells with commas in them, and no more rows than there are', () => {
    const elements = readData('data_elements.csv', ['article_letter', 'field', 'pdp_specific']);
    assert.equal(elements.length, 31);
    assert.deepEqual(elements[0], {
      article_letter: 'a',
      field: 'nomor_kk',
      pdp_specific: 'no (general data; but ALL data of a child is specific, art. 4)',
    });
  });

  it('names the column that a file lacks', () => {
    assert.throws(() => readData('data_elements.csv', ['field', 'colour']), /data_elements\.csv: no column colour/);
  });

  it('says of our own lists that they are made up', () => {
    for (const file of ['names.csv', 'streets.csv']) {
      for (const { source } of readData(file, ['source'])) {
        assert.equal(source, 'composed for this project, plausible, not taken from a register');
      }
    }
  });
});
