import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { DifferenceWatch } from '../../../../broker/policy/difference-watch.ts';
import { digestOf, Holding } from '../../../../broker/policy/holding.ts';
import {
  extendByDigest,
  issued,
  izinOf,
  narrowingRecord,
  recordOf,
  revoked,
  statuteOnly,
} from '../../../support/policy.ts';

const issue = issued(izinOf());
const revocation = revoked(izinOf().permitId);

describe('DifferenceWatch', () => {
  let holding: Holding;
  let watch: DifferenceWatch;
  let told: string[];
  beforeEach(() => {
    holding = new Holding();
    told = [];
    watch = new DifferenceWatch(holding, {
      error: (fields: Record<string, string>) => told.push(Object.values(fields).join(' ')),
      info: (_fields: unknown, text: string) => told.push(text),
    } as never);
  });
  const snapshot = () => extendByDigest(statuteOnly, [issue], { isRecorded: (digest) => holding.isRecorded(digest) });

  it('tells once of what widens without a record, and that it came', async () => {
    const before = await snapshot();
    for (const nowMs of [0, 4_999, 5_000, 9_000]) watch.look(before, nowMs);
    assert.deepEqual(told, ['WIDENING_UNRECORDED 1 permitIssued']);
    holding.record([recordOf(0, issue)]);
    watch.look(await snapshot(), 10_000);
    assert.equal(told.at(-1), 'policy and audit log agree again');
  });

  it('gives the record of a narrowing a minute, of which the time does not count when a log could not be read', () => {
    holding.installed(7n, [revocation]);
    watch.look(statuteOnly, 0);
    watch.look(statuteOnly, 59_000);
    watch.interrupted();
    watch.look(statuteOnly, 100_000);
    watch.look(statuteOnly, 159_999);
    assert.deepEqual(told, []);
    watch.look(statuteOnly, 160_000);
    assert.deepEqual(told, ['NARROWING_UNRECORDED 7 permitRevoked']);
  });

  it('tells of a narrowing that is recorded and gone, and never again of the same after an interruption', () => {
    holding.record([narrowingRecord(12, revocation)]);
    watch.look(statuteOnly, 0);
    watch.look(statuteOnly, 5_000);
    watch.interrupted();
    watch.look(statuteOnly, 6_000);
    watch.look(statuteOnly, 60_000);
    assert.deepEqual(told, ['NARROWING_MISSING 12']);
    assert.equal(holding.isRecorded(digestOf(revocation)), true);
  });
});
