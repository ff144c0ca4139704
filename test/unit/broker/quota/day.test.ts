import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { dayNumber, dayText } from '../../../../broker/quota/day.ts';

describe('day', () => {
  const cases: [string, string][] = [
    ['2026-12-31T16:59:59.999Z', '2026-12-31'],
    ['2026-12-31T17:00:00.000Z', '2027-01-01'],
    ['2024-02-29T00:00:00+07:00', '2024-02-29'],
    ['2024-02-28T23:59:59+07:00', '2024-02-28'],
  ];
  for (const [moment, day] of cases) {
    it(`is ${day} in Padang at ${moment}`, () => assert.equal(dayText(dayNumber(Date.parse(moment))), day));
  }
});
