import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { printReport } from '../../../bench/report.ts';

describe('printReport', () => {
  it('says of each budget whether it is met, in both directions', () => {
    const findings = [
      { what: 'ratio', measured: 0.5, unit: '', budget: { least: 0.5 } },
      { what: 'cost', measured: 3.51, unit: 'echoes', budget: { most: 3.5 } },
      { what: 'rate', measured: 28_713.4, unit: 'calls/s' },
    ];
    const lines = printReport({ bench: 'path', findings, notes: ['three rounds'] }).split('\n');
    assert.deepEqual(
      lines.slice(2).map((line) => line.replaceAll(/ {2,}/g, '|')),
      ['ratio|0.5|>= 0.5|met', 'cost|3.51 echoes|<= 3.5 echoes|MISSED', 'rate|28,713 calls/s', '|three rounds'],
    );
  });
});
