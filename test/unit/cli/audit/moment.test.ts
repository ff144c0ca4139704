import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { momentOf } from '../../../../cli/audit/moment.ts';

describe('momentOf', () => {
  it('reads dates and times as they are said in Padang, and others with their offset', () => {
    const read = (text: string) => momentOf('from', text)?.toISOString();
    assert.equal(read('2026-11-24'), '2026-11-23T17:00:00.000Z');
    assert.equal(read('2026-11-24T08:30'), '2026-11-24T01:30:00.000Z');
    assert.equal(read('2026-11-24 08:30:15'), '2026-11-24T01:30:15.000Z');
    assert.equal(read('2026-11-24T08:30Z'), '2026-11-24T08:30:00.000Z');
    assert.equal(momentOf('from', undefined), undefined);
  });

  it('names the option with something else', () => {
    for (const text of ['', 'yesterday', '2026-13-01', '24-11-2026', '2026-11-24T25:00']) {
      assert.throws(() => momentOf('from', text), /--from/);
    }
  });
});
