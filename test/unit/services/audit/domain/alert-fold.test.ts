import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { Kind, type Leaf, Sign } from '#gen/rangkiang/audit/v1/leaf.ts';
import { AlertFold, type Finding } from '../../../../../services/audit/domain/alert-fold.ts';
import { alertRules } from '../../../../../services/audit/domain/alert-rules.ts';
import { someLeaf } from '../../../../support/audit-entries.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Tuesday 24 November 2026, 10:00 in Padang. */
const MORNING_MS = Date.UTC(2026, 10, 24, 3);
const NIGHT_MS = Date.UTC(2026, 10, 24, 16);
const OPERATOR = 'a'.repeat(32);

interface Told {
  readonly atMs: number;
  readonly leaf: Partial<Leaf>;
}

/** So many records, one each `everyMs`. */
const records = (count: number, everyMs: number, leaf: Partial<Leaf>, fromMs = MORNING_MS): Told[] =>
  Array.from({ length: count }, (_, at) => ({ atMs: fromMs + at * everyMs, leaf }));

function find(told: readonly Told[], fold = new AlertFold(0n)): Finding[] {
  return told.flatMap(({ atMs, leaf }) =>
    fold.add(fold.next, someLeaf({ system: 'simpus', timeUs: BigInt(atMs) * 1_000n, ...leaf })),
  );
}
const rulesOf = (told: readonly Told[]) => find(told).map(({ rule }) => rule);

const sign = (which: Sign): Partial<Leaf> => ({
  operatorPseudonym: OPERATOR,
  note: { signs: [which], causedBy: [], remark: '' },
});
const denied: Partial<Leaf> = { kind: Kind.DENIED, reason: 'NO_PERMIT' };
const empty: Partial<Leaf> = { kind: Kind.EMPTY };

/** What fires each rule, and what just does not: too few, too slow, too early, or spread over several. */
const cases: Readonly<Record<string, { fires: Told[]; not: Told[][] }>> = {
  NIGHT_WORK: {
    fires: records(10, MINUTE_MS, {}, NIGHT_MS),
    not: [
      records(9, MINUTE_MS, {}, NIGHT_MS),
      records(10, 7 * MINUTE_MS, {}, NIGHT_MS),
      // 21:50 to 21:59, and 05:00 to 05:09.
      records(10, MINUTE_MS, {}, Date.UTC(2026, 10, 24, 14, 50)),
      records(10, MINUTE_MS, {}, Date.UTC(2026, 10, 24, 22)),
      records(10, MINUTE_MS, { kind: Kind.READ }, NIGHT_MS),
    ],
  },
  SAME_HOUSEHOLD: {
    fires: records(5, DAY_MS, sign(Sign.SAME_HOUSEHOLD)),
    not: [records(4, DAY_MS, sign(Sign.SAME_HOUSEHOLD)), records(5, 2 * DAY_MS, sign(Sign.SAME_HOUSEHOLD))],
  },
  OPERATORS_NAME: {
    fires: records(3, DAY_MS, sign(Sign.OPERATORS_NAME)),
    not: [records(2, DAY_MS, sign(Sign.OPERATORS_NAME)), records(3, 4 * DAY_MS, sign(Sign.OPERATORS_NAME))],
  },
  NIK_SEQUENCE: {
    fires: records(10, MINUTE_MS - 1, sign(Sign.NIK_NEIGHBOUR)),
    not: [
      records(9, 1, sign(Sign.NIK_NEIGHBOUR)),
      records(10, 1.2 * MINUTE_MS, sign(Sign.NIK_NEIGHBOUR)),
      records(10, 1, sign(Sign.SAME_HOUSEHOLD)).slice(0, 4),
    ],
  },
  NOT_ON_RECORD: {
    fires: records(20, 30_000, empty),
    not: [
      records(19, 1, empty),
      records(20, 32_000, empty),
      records(38, 1, empty).map((told, at) => ({ ...told, leaf: { ...empty, system: at % 2 ? 'simpus' : 'other' } })),
    ],
  },
  DENIAL_BURST: {
    fires: records(50, 1_000, denied),
    not: [records(49, 1, denied), records(50, 1_300, denied), records(50, 1, { ...denied, kind: Kind.FAILED })],
  },
  FLOOD: {
    fires: records(1, 0, { kind: Kind.REFUSALS, count: 900 }),
    not: [records(1, 0, denied)],
  },
  MANY_OPDS: {
    fires: records(1, 0, sign(Sign.MANY_OPDS)),
    not: [records(1, 0, {})],
  },
  BREAK_GLASS: {
    fires: records(1, 0, { kind: Kind.EMERGENCY_ACTIVATED }),
    not: [
      records(1, 0, { kind: 21 as Kind }),
      records(1, 0, { kind: Kind.EMERGENCY_REVIEWED }),
      records(1, 0, { kind: Kind.DUTY }),
    ],
  },
};

describe('AlertFold', () => {
  it('knows for each rule what fires it', () => {
    assert.deepEqual(
      Object.keys(cases),
      alertRules.map(({ name }) => name),
    );
  });

  for (const [rule, { fires, not }] of Object.entries(cases)) {
    it(`finds ${rule}, and not what just is none`, () => {
      assert.deepEqual(rulesOf(fires), [rule]);
      for (const told of not) assert.deepEqual(rulesOf(told), []);
    });
  }

  it('says how many made it complete, and the newest ten of them', () => {
    const [finding] = find(records(20, 1, empty));
    assert.deepEqual(finding, {
      rule: 'NOT_ON_RECORD',
      count: 20,
      causedBy: Array.from({ length: 10 }, (_, at) => BigInt(10 + at)),
    });
  });

  it('is quiet for a while about the same, not about others', () => {
    const burst = (fromMs: number, system = 'simpus') => records(50, 1, { ...denied, system }, fromMs);
    assert.equal(rulesOf([...burst(MORNING_MS), ...burst(MORNING_MS + MINUTE_MS)]).length, 1);
    assert.equal(rulesOf([...burst(MORNING_MS), ...burst(MORNING_MS + HOUR_MS + 60)]).length, 2);
    assert.equal(rulesOf([...burst(MORNING_MS), ...burst(MORNING_MS + MINUTE_MS, 'other')]).length, 2);
  });

  it('counts an operator across systems, and a system where there is no operator', () => {
    const told = records(20, 1, empty).map((one, at) => ({
      ...one,
      leaf: { ...empty, operatorPseudonym: OPERATOR, system: `s${at}` },
    }));
    assert.deepEqual(rulesOf(told), ['NOT_ON_RECORD']);
  });

  it('goes on behind what it passed over, and never back', () => {
    const fold = new AlertFold(7n);
    fold.skipTo(512n);
    fold.skipTo(100n);
    assert.equal(fold.next, 512n);
  });

  it('finds nothing in alerts themselves', () => {
    const alert = { kind: Kind.ALERT, reason: 'FLOOD' };
    assert.deepEqual(rulesOf([...records(60, 1, alert, NIGHT_MS), ...records(60, 1, { kind: 16 as Kind })]), []);
  });

  it('remembers a bounded number of callers', () => {
    const many = Array.from({ length: 6_000 }, (_, at) => ({ atMs: MORNING_MS, leaf: { ...empty, system: `s${at}` } }));
    const fold = new AlertFold(0n);
    find(many, fold);
    const kept = new Map(fold.remembered.counts).get('NOT_ON_RECORD') ?? [];
    assert.equal(kept.length, 5_000);
    assert.equal(kept.at(-1)?.[0], 'DKK/PKM-LUBUK-BUAYA/s5999');
  });

  it('finds the same in the same log, wherever it was stopped and what was told twice', () => {
    const kinds = [Kind.DISCLOSED, Kind.EMPTY, Kind.DENIED, Kind.REFUSALS, Kind.ALERT, 22 as Kind];
    const one = fc.record({
      kind: fc.constantFrom(...kinds),
      system: fc.constantFrom('simpus', 'other'),
      signs: fc.subarray([Sign.NIK_NEIGHBOUR, Sign.SAME_HOUSEHOLD, Sign.OPERATORS_NAME, Sign.MANY_OPDS]),
      operator: fc.constantFrom('', OPERATOR),
      rows: fc.nat(2_000),
      stepMs: fc.constantFrom(0, 1_000, HOUR_MS),
      // The same a few times, so that rules become complete.
      times: fc.integer({ min: 1, max: 25 }),
    });
    const log = fc.array(one, { maxLength: 20 }).map((several) => {
      let timeMs = NIGHT_MS - 12 * HOUR_MS;
      return several
        .flatMap((each) => Array.from({ length: each.times }, () => each))
        .map(({ kind, system, signs, operator, rows, stepMs }) => {
          timeMs += stepMs;
          const note = { signs, causedBy: [], remark: '' };
          return someLeaf({ kind, system, note, operatorPseudonym: operator, rows, timeUs: BigInt(timeMs) * 1_000n });
        });
    });
    fc.assert(
      fc.property(log, fc.array(fc.nat(400), { maxLength: 5 }), (leaves, stops) => {
        const whole = new AlertFold(0n);
        const expected = leaves.flatMap((leaf, at) => whole.add(BigInt(at), leaf));
        let fold = new AlertFold(0n);
        const found: Finding[] = [];
        for (const [at, leaf] of leaves.entries()) {
          found.push(...fold.add(BigInt(at), leaf));
          if (!stops.includes(at)) continue;
          // Begun anew from what was kept, and told the last ones once more.
          fold = new AlertFold(fold.next, JSON.parse(JSON.stringify(fold.remembered)));
          for (const again of [at - 1, at]) {
            const told = leaves[again];
            if (told) assert.deepEqual(fold.add(BigInt(again), told), []);
          }
        }
        assert.deepEqual(found, expected);
      }),
    );
  });
});
