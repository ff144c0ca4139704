import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { addVolume, type Volume } from '../../../../../services/audit/domain/volume-rule.ts';
import { someLeaf } from '../../../../support/audit-entries.ts';

const START_MS = Date.UTC(2026, 10, 2, 3);
const timeUs = (day: number, hour = 0) => BigInt(START_MS + (day * 24 + hour) * 3_600_000) * 1_000n;

/** An agency whose busiest hour had so many rows, on so many days. */
function habit(busiest: number, days: number): Map<string, Volume> {
  const volumes = new Map<string, Volume>();
  for (let day = 0; day < days; day++) {
    for (const [hour, rows] of [busiest, Math.floor(busiest / 3)].entries()) {
      assert.equal(addVolume(volumes, someLeaf({ rows, timeUs: timeUs(day, hour) })), undefined);
    }
  }
  return volumes;
}

describe('addVolume', () => {
  it('finds more than twice the busiest hour of the days before, once in an hour', () => {
    const volumes = habit(800, 5);
    const add = (rows: number, hour = 0) => addVolume(volumes, someLeaf({ rows, timeUs: timeUs(5, hour) }));
    assert.equal(add(1_600), undefined);
    assert.equal(add(1), 1_601);
    assert.equal(add(5_000), undefined);
    // What was much has become the habit.
    assert.equal(add(13_202, 1), undefined);
    assert.equal(add(1, 1), 13_203);
  });

  it('finds nothing below 1,000 rows, in the first three days, or in what is not disclosed', () => {
    const much = { rows: 50_000, timeUs: timeUs(9) };
    assert.equal(addVolume(habit(10, 5), someLeaf({ rows: 999, timeUs: timeUs(9) })), undefined);
    assert.equal(addVolume(habit(10, 5), someLeaf({ rows: 1_000, timeUs: timeUs(9) })), 1_000);
    assert.equal(addVolume(habit(10, 2), someLeaf(much)), undefined);
    assert.equal(addVolume(habit(10, 5), someLeaf({ ...much, kind: Kind.READ })), undefined);
  });

  it('holds an agency against itself alone, and against its newest seven days', () => {
    const volumes = habit(5_000, 1);
    for (let day = 1; day < 9; day++) addVolume(volumes, someLeaf({ rows: 600, timeUs: timeUs(day) }));
    assert.equal(addVolume(volumes, someLeaf({ opd: 'BAPENDA', rows: 3_000, timeUs: timeUs(9) })), undefined);
    assert.equal(addVolume(volumes, someLeaf({ rows: 3_000, timeUs: timeUs(9) })), 3_000);
    assert.equal(volumes.get('DKK')?.days.length, 7);
  });

  it('counts a record that comes late for the present hour', () => {
    const volumes = habit(800, 5);
    addVolume(volumes, someLeaf({ rows: 1_500, timeUs: timeUs(5, 3) }));
    assert.equal(addVolume(volumes, someLeaf({ rows: 200, timeUs: timeUs(4) })), 1_700);
  });
});
