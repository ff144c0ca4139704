import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { type Hours, Weekday } from '#gen/rangkiang/permit/v1/izin.ts';
import { areOpen, closesAt, coversHours, openHours, opensAt } from '#mesh/hours.ts';

const MINUTE_MS = 60_000;
const WEEK_MS = 7 * 24 * 60 * MINUTE_MS;
const wib = (text: string) => Date.parse(`${text}+07:00`);
const daily = (from: string, until: string): Hours => ({ days: [], from, until });
const on = (days: Weekday[], from: string, until: string): Hours => ({ days, from, until });

const clock = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Asia/Jakarta',
  weekday: 'long',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** Reads the clock on a wall in Padang. */
function isOpenByTheClock(hours: readonly Hours[], ms: number): boolean {
  const parts = Object.fromEntries(clock.formatToParts(ms).map(({ type, value }) => [type, value]));
  const now = `${parts.hour}:${parts.minute}`;
  const today = Weekday[String(parts.weekday).toUpperCase() as keyof typeof Weekday];
  const yesterday = today === Weekday.MONDAY ? Weekday.SUNDAY : today - 1;
  const begins = (days: readonly number[], day: number) => days.length === 0 || days.includes(day);
  return hours.some(({ days, from, until }) => {
    const isOvernight = until < from;
    const isBegun = begins(days, today) && from <= now && (isOvernight || now < until);
    return isBegun || (isOvernight && begins(days, yesterday) && now < until);
  });
}

const minute = fc.nat(1439).map((at) => new Date(at * MINUTE_MS).toISOString().slice(11, 16));
const days = fc.subarray(Object.values(Weekday).filter((day) => day > 0));
const window: fc.Arbitrary<Hours> = fc
  .record({ days, from: minute, until: fc.oneof({ weight: 9, arbitrary: minute }, fc.constant('24:00')) })
  .filter(({ from, until }) => from !== until);
const someHours = fc.array(window, { minLength: 1, maxLength: 6 });
/** Any minute of three weeks, and a millisecond beside it. */
const moment = fc
  .tuple(fc.nat((3 * WEEK_MS) / MINUTE_MS), fc.constantFrom(-1, 0, 1))
  .map(([at, beside]) => wib('2026-06-01T00:00:00') + at * MINUTE_MS + beside);

describe('hours of an Izin', () => {
  it('are open from their first minute on, and no longer in the minute in which they end, in Padang', () => {
    const hours = openHours([daily('07:30', '16:00')]);
    const cases: [string, boolean][] = [
      ['2026-06-01T07:29:59.999', false],
      ['2026-06-01T07:30:00.000', true],
      ['2026-06-01T15:59:59.999', true],
      ['2026-06-01T16:00:00.000', false],
    ];
    for (const [text, expected] of cases) assert.equal(areOpen(hours, wib(text), wib(text)), expected, text);
    // 07:30 in Padang is 00:30 in Greenwich.
    assert.equal(areOpen(hours, Date.parse('2026-06-01T00:30:00Z'), Date.parse('2026-06-01T00:30:00Z')), true);
    assert.equal(areOpen(hours, wib('2026-06-01T15:59:59.999'), wib('2026-06-01T16:00:00.000')), false);
    assert.equal(areOpen(hours, wib('2026-06-01T07:29:59.999'), wib('2026-06-01T07:30:00.000')), false);
    // Open at both ends, and shut between.
    assert.equal(areOpen(hours, wib('2026-06-01T12:00:00'), wib('2026-06-02T12:00:00')), false);
    for (const [one, other] of [
      [Number.NaN, 0],
      [0, Number.NaN],
    ] as const) {
      assert.equal(areOpen(hours, wib('2026-06-01T12:00:00') + one, wib('2026-06-01T12:00:00') + other), false);
    }
  });

  it('go on past midnight, on Sunday into the next week, and belong to the day on which they begin', () => {
    const night = openHours([on([Weekday.SUNDAY], '22:00', '06:00')]);
    // 2026-06-07 is a Sunday.
    for (const [text, expected] of [
      ['2026-06-07T21:59:59.999', false],
      ['2026-06-07T22:00:00.000', true],
      ['2026-06-08T00:00:00.000', true],
      ['2026-06-08T05:59:59.999', true],
      ['2026-06-08T06:00:00.000', false],
      ['2026-06-08T22:00:00.000', false],
      ['2026-06-07T05:00:00.000', false],
    ] as const) {
      assert.equal(areOpen(night, wib(text), wib(text)), expected, text);
    }
    const midnight = wib('2026-06-08T00:00:00');
    assert.equal(areOpen(night, midnight - 1, midnight), true);
  });

  it('join where one ends as the next begins, on Monday too', () => {
    const hours = openHours([on([Weekday.MONDAY], '00:00', '08:00'), on([Weekday.SUNDAY], '20:00', '24:00')]);
    const midnight = wib('2026-06-08T00:00:00');
    assert.equal(areOpen(hours, midnight - 1, midnight), true);
    assert.equal(closesAt(hours ?? assert.fail(), midnight - 1), wib('2026-06-08T08:00:00'));
    assert.equal(openHours([daily('06:00', '18:00'), daily('18:00', '06:00')]), undefined);
    assert.equal(openHours([daily('00:00', '24:00')]), undefined);
    assert.equal(openHours([]), undefined);
  });

  it('are those of the clock on the wall, for any hours and any moment', () => {
    const met = { open: 0, shut: 0 };
    fc.assert(
      fc.property(someHours, fc.array(moment, { minLength: 20 }), (hours, moments) => {
        const open = openHours(hours);
        for (const at of moments) {
          const expected = isOpenByTheClock(hours, at);
          assert.equal(areOpen(open, at, at), expected, JSON.stringify([hours, at]));
          met[expected ? 'open' : 'shut'] += 1;
        }
      }),
      { numRuns: 1_000 },
    );
    assert(met.open > 1_000 && met.shut > 1_000, JSON.stringify(met));
  });

  it('tell until when they are open, and from when on, to the millisecond', () => {
    fc.assert(
      fc.property(someHours, moment, (hours, at) => {
        const open = openHours(hours);
        if (open === undefined) return;
        const next = opensAt(open, at);
        assert.equal(isOpenByTheClock(hours, next), true);
        if (next > at) assert.equal(isOpenByTheClock(hours, next - 1), false);
        const end = closesAt(open, next);
        assert(end > next && end - next < WEEK_MS);
        assert.equal(isOpenByTheClock(hours, end - 1), true);
        assert.equal(isOpenByTheClock(hours, end), false);
        assert.equal(areOpen(open, next, end - 1), true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('cover others exactly when they are open at each of their minutes', () => {
    const monday = wib('2026-06-01T00:00:00');
    const minutes = Array.from({ length: WEEK_MS / MINUTE_MS }, (_, at) => monday + at * MINUTE_MS);
    let covered = 0;
    fc.assert(
      fc.property(fc.array(window, { maxLength: 4 }), fc.array(window, { maxLength: 2 }), (wide, narrow) => {
        const [outer, inner] = [openHours(wide), openHours(narrow)];
        const expected = minutes.every((at) => areOpen(outer, at, at) || !areOpen(inner, at, at));
        assert.equal(coversHours(outer, inner), expected);
        if (expected && outer && inner) covered += 1;
      }),
      { numRuns: 300 },
    );
    assert(covered > 0);
    const office = openHours([daily('07:30', '16:00')]);
    assert.equal(coversHours(office, openHours([on([Weekday.FRIDAY], '08:00', '16:00')])), true);
    assert.equal(coversHours(office, openHours([daily('07:30', '16:01')])), false);
    assert.equal(coversHours(office, undefined), false);
    assert.equal(coversHours(undefined, office), true);
    const overSunday = openHours([on([Weekday.SUNDAY], '22:00', '06:00')]);
    assert.equal(coversHours(overSunday, openHours([on([Weekday.MONDAY], '00:00', '05:00')])), true);
  });

  it('are refused when they cannot be read, and never taken for any hour', () => {
    const unreadable: Hours[] = [
      daily('', ''),
      daily('07:30', '07:30'),
      daily('24:00', '08:00'),
      daily('7:30', '16:00'),
      daily('07:30', '24:01'),
      daily('07:30', '16:60'),
      on([Weekday.UNSPECIFIED], '07:30', '16:00'),
      on([8 as Weekday], '07:30', '16:00'),
    ];
    for (const hours of unreadable) assert.throws(() => openHours([hours]), RangeError, JSON.stringify(hours));
  });
});
