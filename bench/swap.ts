import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { createClient } from 'redis';
import { demoPermits } from '../cli/first-run/demo-permits.ts';
import { printJson } from '../mesh/contract.ts';
import { izinDigest, signAktivasi, signIzin } from '../mesh/izin.ts';
import { nextDigest } from '../mesh/policy-chain.ts';
import { Aktivasi } from '../proto/gen/rangkiang/permit/v1/aktivasi.ts';
import { Izin } from '../proto/gen/rangkiang/permit/v1/izin.ts';
import { PolicyChange } from '../proto/gen/rangkiang/permit/v1/policy.ts';
import { Generator } from './load/client.ts';
import type { Run } from './load/generator.ts';
import { type BenchMesh, startBenchMesh } from './mesh.ts';
import type { BenchOptions, Finding, Report } from './report.ts';
import { median } from './statistics.ts';

// Swaps without a pause: p99 of GetResident while the brokers verify, compile and swap in new permits all the time, to p99
// while nothing changes. The changes are written into the policy log by several in one step: what an office can sign and
// the permit service can issue one by one is slower than what is to be shown here.

const CALLERS = 4;
const IN_FLIGHT = 8;
const WARM_UP_SECONDS = 5;
const SWAPS_PER_SECOND = 4;
/** New permits in each swap: what the permit service issues at a time, and much more than it can. */
const permitsPerSwap = [1, 25];
const POLL_MS = 50;
const dayMs = 86_400_000;

/** Signs a permit of the education office as the Walikota does; answers the bytes of its change. */
async function signedChange({ mesh }: BenchMesh, index: number): Promise<Buffer> {
  const demo = demoPermits[1];
  if (demo === undefined) throw new Error('there is no demonstration permit');
  const { units, purpose, methods, elements, quotaPerDay } = demo.content;
  const { quotaPerMinute, rowCap, minimumCell } = demo.terms;
  const nowMs = Date.now();
  const izin = Izin.fromPartial({
    permitId: randomUUID(),
    number: `470/${index}/IZIN-DATA/2026`,
    opd: demo.opd,
    ...{ units, purpose, methods, elements, quotaPerDay, quotaPerMinute, rowCap, minimumCell },
    validFrom: new Date(nowMs - dayMs),
    validUntil: new Date(nowMs + dayMs),
  });
  const text = printJson('rangkiang.permit.v1.Izin', Izin.encode(izin).finish());
  const [key, cert] = [`${mesh.layout.izin}.key`, `${mesh.layout.izin}.crt`].map((file) => readFileSync(file, 'utf8'));
  const jws = await signIzin(Buffer.from(text), key ?? '', cert ?? '');
  const aktivasi = Aktivasi.fromPartial({
    permitId: izin.permitId,
    izinDigest: izinDigest(jws),
    pksNumber: `470/${index}/PKS/2026`,
    juknisNumber: `470/${index}/JUKNIS/2026`,
    systems: ['layanan'],
    networks: ['127.0.0.0/8'],
  });
  const aktivasiText = printJson('rangkiang.permit.v1.Aktivasi', Aktivasi.encode(aktivasi).finish());
  const aktivasiJws = await signAktivasi(Buffer.from(aktivasiText), key ?? '', cert ?? '');
  return PolicyChange.encode({ change: { $case: 'permitIssued', value: { jws, aktivasiJws } } }).finish();
}

/** Writes changes into the policy log in one step, as the permit service writes one, and rings the bell. */
async function openPolicyLog({ mesh }: BenchMesh) {
  const url = new URL(mesh.endpoints().postgres);
  url.pathname = '/permit';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  const redis = createClient({ url: mesh.endpoints().redis });
  await redis.connect();
  const append = async (changes: readonly Buffer[]) => {
    await client.query('begin');
    const { rows } = await client.query<{ version: string; digest: Buffer }>(
      'select version, digest from policy_head for update',
    );
    let { version, digest } = { version: BigInt(rows[0]?.version ?? 0), digest: rows[0]?.digest ?? Buffer.alloc(0) };
    for (const change of changes) {
      version += 1n;
      digest = nextDigest(digest, change);
      await client.query('insert into policy_log (version, change, digest) values ($1, $2, $3)', [
        version,
        change,
        digest,
      ]);
    }
    await client.query('update policy_head set version = $1, digest = $2', [version, digest]);
    await client.query('commit');
    await redis.publish('rangkiang:policy', '');
    return version;
  };
  /** Brokers that have installed a version. */
  const installed = async (version: bigint) => {
    const { rows } = await client.query<{ brokers: string }>(
      'select count(*) as brokers from broker_leases where version >= $1',
      [version],
    );
    return Number(rows[0]?.brokers);
  };
  const close = async () => {
    await client.end();
    redis.destroy();
  };
  return { append, installed, close };
}

/** Measures what swaps cost calls. */
export async function run({ rounds, seconds, say }: BenchOptions): Promise<Report> {
  const bench = await startBenchMesh(CALLERS, say);
  const log = await openPolicyLog(bench);
  try {
    const generator = await Generator.start(bench.targets);
    await generator.run(IN_FLIGHT, WARM_UP_SECONDS);
    const findings: Finding[] = [];
    let signed = 0;
    for (const permits of permitsPerSwap) {
      const pairs: { quiet: Run; swapping: Run }[] = [];
      for (let round = 1; round <= rounds; round++) {
        const prepared: Buffer[][] = [];
        while (prepared.length < SWAPS_PER_SECOND * seconds) {
          const indexes = Array.from({ length: permits }, () => ++signed);
          prepared.push(await Promise.all(indexes.map((index) => signedChange(bench, index))));
        }
        const swap = async () => {
          let newest = 0n;
          for (const changes of prepared) {
            newest = await log.append(changes);
            await delay(1_000 / SWAPS_PER_SECOND);
          }
          return newest;
        };
        const quiet = await generator.run(IN_FLIGHT, seconds);
        const [swapping, newest] = await Promise.all([generator.run(IN_FLIGHT, seconds), swap()]);
        while ((await log.installed(newest)) < bench.mesh.endpoints().brokers.length) await delay(POLL_MS);
        pairs.push({ quiet, swapping });
        say(
          `${permits} a swap, round ${round}: p99 ${quiet.p99Ms.toFixed(1)} ms, swapping ${swapping.p99Ms.toFixed(1)} ms`,
        );
      }
      findings.push(...findingsOf(`${permits} a swap`, pairs));
    }
    generator.close();
    return {
      bench: 'calls while permits are swapped in',
      findings,
      notes: [
        `Medians of ${rounds} pairs of rounds of ${seconds} s, ${IN_FLIGHT} in flight; ${SWAPS_PER_SECOND} swaps a second in each of two brokers.`,
        'Every answer was checked for grpc-status 0: a broker whose lease ends while it compiles would show.',
      ],
    };
  } finally {
    await log.close();
    await bench.mesh.stop();
  }
}

function findingsOf(what: string, pairs: readonly { quiet: Run; swapping: Run }[]): Finding[] {
  const of = (figure: (pair: (typeof pairs)[number]) => number) => median(pairs.map(figure));
  return [
    {
      what: `${what}: p99 / p99 without swaps`,
      measured: of(({ quiet, swapping }) => swapping.p99Ms / quiet.p99Ms),
      unit: '',
      budget: { most: 1.2 },
    },
    { what: `${what}: p99 without swaps`, measured: of(({ quiet }) => quiet.p99Ms), unit: 'ms' },
    { what: `${what}: p99`, measured: of(({ swapping }) => swapping.p99Ms), unit: 'ms' },
    {
      what: `${what}: calls / calls without swaps`,
      measured: of(({ quiet, swapping }) => swapping.answers / quiet.answers),
      unit: '',
    },
  ];
}
