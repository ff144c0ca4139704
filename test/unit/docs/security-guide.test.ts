import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';

import { alertRules } from '../../../services/audit/domain/alert-rules.ts';
import { VOLUME } from '../../../services/audit/domain/volume-rule.ts';

const guide = readFileSync(new URL('../../../docs/security-guide.md', import.meta.url), 'utf8');

/** Told by the permit service, which alone knows quotas and ends of permits. */
const PERMIT_RULES = ['PERMIT_EXPIRES', 'QUOTA_80'];

describe('the security guide', () => {
  it('explains every kind of record, in the order of the contract', () => {
    const explained = [...guide.matchAll(/^\| `([A-Z_]+)` \| /gm)].map(([, kind]) => kind);
    assert.deepEqual(
      explained,
      Object.keys(Kind).filter((name) => name !== 'UNSPECIFIED'),
    );
  });

  it('says of every alert what it means', () => {
    const explained = [...guide.matchAll(/^\| \*\*([A-Z_0-9]+)\*\* \| /gm)].map(([, rule]) => rule);
    assert.deepEqual(explained.sort(), [VOLUME, ...PERMIT_RULES, ...alertRules.map(({ name }) => name)].sort());
  });
});
