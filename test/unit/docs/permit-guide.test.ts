import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { page, withLifeCycle } from '../../../scripts/life-cycle-diagram.ts';

describe('the permit guide', () => {
  it('shows the life cycle as it is; otherwise run "node scripts/life-cycle-diagram.ts"', () => {
    const text = readFileSync(page, 'utf8');
    assert.equal(text, withLifeCycle(text));
  });
});
