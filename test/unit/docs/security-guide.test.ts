import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';

const guide = readFileSync(new URL('../../../docs/security-guide.md', import.meta.url), 'utf8');

describe('the security guide', () => {
  it('explains every kind of record, in the order of the contract', () => {
    const explained = [...guide.matchAll(/^\| `([A-Z_]+)` \| /gm)].map(([, kind]) => kind);
    assert.deepEqual(
      explained,
      Object.keys(Kind).filter((name) => name !== 'UNSPECIFIED'),
    );
  });
});
