import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { CliFailure } from '../../../../cli/failure.ts';
import { hoursExample, readHours } from '../../../../cli/permits/hours-option.ts';

describe('--hours', () => {
  it('is read with days, a day, or none for every day', () => {
    assert.deepEqual(readHours(hoursExample), [
      { days: [1, 2, 3, 4], from: '07:30', until: '16:00' },
      { days: [5], from: '07:30', until: '16:30' },
    ]);
    assert.deepEqual(readHours('22:00-06:00'), [{ days: [], from: '22:00', until: '06:00' }]);
  });

  it('is refused in any other form', () => {
    for (const text of [
      '',
      '7:30-16:00',
      'SENIN/07:30-16:00',
      'FRIDAY-MONDAY/07:30-16:00',
      'UNSPECIFIED/07:30-16:00',
    ]) {
      assert.throws(() => readHours(text), CliFailure, text);
    }
  });
});
