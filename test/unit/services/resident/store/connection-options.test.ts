import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { withSettings } from '../../../../../services/resident/store/connection-options.ts';

describe('resident: connection options', () => {
  it('are added to those that the URL has', () => {
    const url = withSettings('postgres://me:secret@db:5432/resident?sslmode=require', {
      jit: 'off',
      enable_seqscan: 'off',
    });
    const { searchParams, host, password } = new URL(url);
    assert.deepEqual([host, password, searchParams.get('sslmode')], ['db:5432', 'secret', 'require']);
    assert.equal(searchParams.get('options'), '-c jit=off -c enable_seqscan=off');
    assert.equal(
      new URL(withSettings(url, { a: '1' })).searchParams.get('options'),
      '-c jit=off -c enable_seqscan=off -c a=1',
    );
  });
});
