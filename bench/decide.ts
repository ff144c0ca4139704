import { decide, type PolicyRequest } from '../broker/policy/decide.ts';
import type { Snapshot } from '../broker/policy/snapshot.ts';
import type { BenchOptions, Finding, Report } from './report.ts';
import { asker, makeRules, type RuleSet } from './rules.ts';
import { median } from './statistics.ts';

// The row "decide(), 10,000 rows, first time / memo", and the same with 100,000: OPDs with 52 units, each unit with a permit
// of its own for four methods.

const UNITS = 52;
const sizes = [
  { opds: 49, units: UNITS, methods: 4 },
  { opds: 490, units: UNITS, methods: 4 },
];
/** Decisions by memo in a round, at the least. */
const MEMO_DECISIONS = 1_000_000;

const asked = { permit: '', hasOperator: false, hasCaseNumber: false, ...asker };

/** Decides every request once; answers microseconds for each, on average. */
function passUs(snapshot: Snapshot, requests: readonly PolicyRequest[], nowMs: number): number {
  const time = { live: true, earliestMs: nowMs, latestMs: nowMs };
  const startMs = performance.now();
  for (const request of requests) {
    if (!decide(snapshot, request, time).allowed) throw new Error('a call that is granted was denied');
  }
  return ((performance.now() - startMs) * 1000) / requests.length;
}

/** Measures `decide` in this process. */
export async function run({ rounds, say }: BenchOptions): Promise<Report> {
  const findings: Finding[] = [];
  for (const size of sizes) {
    const set = makeRules(size);
    const rows = `${set.rules.length.toLocaleString('en')} rows`;
    const named = set.rules.map((rule) => ({ ...asked, ...rule }));
    const unnamed = named.map((request) => ({ ...request, permit: '' }));
    say(`${rows}, permit named`);
    findings.push(...(await measure(`${rows}, permit named`, set, named, rounds)));
    say(`${rows}, permit found`);
    findings.push(...(await measure(`${rows}, permit found among ${UNITS}`, set, unnamed, rounds)));
  }
  return {
    bench: 'decide()',
    findings,
    notes: [
      `Median of ${rounds} snapshots, each decided upon by every caller for every method.`,
      'To compile is what a permit costs after its signature is verified: rules checked, rows made and each proved.',
    ],
  };
}

async function measure(
  what: string,
  set: RuleSet,
  requests: readonly PolicyRequest[],
  rounds: number,
): Promise<Finding[]> {
  const nowMs = Date.now();
  const passes = Math.ceil(MEMO_DECISIONS / requests.length);
  const compile: number[] = [];
  const first: number[] = [];
  const memo: number[] = [];
  // One more round, the first, only warms up.
  for (let round = 0; round <= rounds; round++) {
    const startMs = performance.now();
    const snapshot = await set.newSnapshot();
    const compileUs = ((performance.now() - startMs) * 1000) / set.permits;
    const firstUs = passUs(snapshot, requests, nowMs);
    const memoUs = median(Array.from({ length: passes }, () => passUs(snapshot, requests, nowMs)));
    if (round === 0) continue;
    compile.push(compileUs);
    first.push(firstUs);
    memo.push(memoUs);
  }
  return [
    { what: `${what}, first time`, measured: median(first), unit: 'us', budget: { most: 10 } },
    { what: `${what}, memo`, measured: median(memo), unit: 'us', budget: { most: 0.5 } },
    { what: `${what}, to compile`, measured: median(compile), unit: 'us a permit' },
  ];
}
