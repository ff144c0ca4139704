import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';
import { readPurposeRules } from '../../../../../services/audit/domain/purpose-rules.ts';

describe('readPurposeRules', () => {
  it('reads a rule for every purpose; only law enforcement is withheld', () => {
    const rules = readPurposeRules();
    assert.equal(rules.size, Object.values(Purpose).filter((purpose) => purpose > 0).length);
    assert.deepEqual(
      [...rules.values()].filter(({ withheldDays }) => withheldDays > 0).map(({ purpose }) => purpose),
      [Purpose.PENEGAKAN_HUKUM],
    );
  });

  it('names a line that is no rule, and a purpose without one', () => {
    const line = (code: string, rest = 'UU,0,5,x') => `head\n${code},${rest}\n`;
    assert.throws(() => readPurposeRules(line('HIBURAN')), /"HIBURAN,.*" is no rule/);
    assert.throws(() => readPurposeRules(line('PERIZINAN', ',0,5,x')), /is no rule/);
    assert.throws(() => readPurposeRules(line('PERIZINAN', 'UU,forever,5,x')), /is no rule/);
    assert.throws(() => readPurposeRules(line('PERIZINAN', 'UU,0,0,x')), /is no rule/);
    assert.throws(() => readPurposeRules(line('PERIZINAN')), /no rule for PELAYANAN_PUBLIK/);
  });
});
