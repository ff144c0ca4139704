import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectAs } from '../cli/client/caller.ts';
import { obtainPermit } from '../cli/first-run/applications.ts';
import { demoPermits } from '../cli/first-run/demo-permits.ts';
import { type ImportProgress, importPopulation } from '../cli/population/import.ts';
import { population } from '../cli/population/population.ts';
import { puskesmas } from '../cli/state/callers.ts';
import { type RunningMesh, startMeshProcesses } from '../cli/supervisor/mesh.ts';
import { randomPorts } from '../cli/supervisor/ports.ts';
import { DecisionServiceService } from '../proto/gen/rangkiang/broker/v1/decision_service.ts';
import { BasicStatus, type ImportRow } from '../proto/gen/rangkiang/resident/v1/registry.ts';
import { RegistryServiceService } from '../proto/gen/rangkiang/resident/v1/registry_service.ts';
import { GetResidentRequest } from '../proto/gen/rangkiang/resident/v1/resident.ts';
import { ResidentServiceService } from '../proto/gen/rangkiang/resident/v1/resident_service.ts';
import type { Target } from './load/connection.ts';

// Inside the repository, so that Postgres writes to the disk that it would be run on: /tmp may be memory, where fsync is free.
const stateDir = fileURLToPath(new URL('../.rangkiang-bench', import.meta.url));
const RESIDENTS = 20_000;
const SEED = 1;
/** Residents that each caller asks about, in turn. */
const RESIDENTS_ASKED = 200;
const POLL_MS = 50;

/** A whole mesh on this machine with a synthetic city, and callers who may ask about it. */
export interface BenchMesh {
  readonly mesh: RunningMesh;
  /** GetResident, one target for each Puskesmas, each asking in its own kecamatan. */
  readonly targets: readonly Target[];
}

/**
 * Starts from nothing, over what a former run left. All callers use the first of two brokers, or with `brokers` so many
 * in turn.
 */
export async function startBenchMesh(
  callers: number,
  say: (line: string) => void,
  brokers?: number,
): Promise<BenchMesh> {
  const { signal } = new AbortController();
  const mesh = await startMeshProcesses({
    stateDir,
    ports: await randomPorts(brokers),
    fresh: true,
    env: process.env,
    say: ({ en }) => say(en),
    signal,
  });
  try {
    const rows = [...population(SEED, RESIDENTS)];
    await importRows(mesh, rows);
    const { permitId } = await obtainPermit(mesh, benchPermit(), signal);
    const asking = puskesmas.slice(0, callers);
    const addresses = mesh.endpoints().brokers.slice(0, brokers ?? 1);
    for (const broker of addresses.keys()) {
      for (const { unit } of asking) await untilAllowed(mesh, unit, permitId, broker + 1);
    }
    const targets = asking.map((caller, index) => ({
      ...targetOf(mesh, permitId, caller, rows),
      address: addresses[index % addresses.length]?.address ?? '',
    }));
    return { mesh, targets };
  } catch (error) {
    await mesh.stop();
    throw error;
  }
}

/** The health office's demonstration permit, with quotas that no bench can use up. */
function benchPermit() {
  const demo = demoPermits[0];
  if (demo === undefined) throw new Error('there is no demonstration permit');
  return {
    opd: demo.opd,
    content: { ...demo.content, quotaPerDay: 100_000_000 },
    terms: { ...demo.terms, quotaPerMinute: 10_000_000 },
  };
}

/** Imports rows as Disdukcapil, through the first broker. */
export async function importRows(mesh: RunningMesh, rows: readonly ImportRow[]): Promise<ImportProgress> {
  const registrar = await connectAs('DISDUKCAPIL', {
    layout: mesh.layout,
    endpoints: mesh.endpoints(),
    locale: 'en',
  });
  try {
    const purpose = 'ADMINISTRASI_KEPENDUDUKAN';
    return await importPopulation(rows, () => registrar.duplex(RegistryServiceService.importResidents, { purpose }), {
      importId: randomUUID(),
    });
  } finally {
    registrar.close();
  }
}

/** A broker learns of a new permit with its next renewal. */
async function untilAllowed(mesh: RunningMesh, unit: string, permit: string, broker: number): Promise<void> {
  const caller = await connectAs(unit, { layout: mesh.layout, endpoints: mesh.endpoints(), broker, locale: 'en' });
  const question = { method: ResidentServiceService.getResident.path, purpose: 'PELAYANAN_PUBLIK', permit, unit: '' };
  const isAllowed = async () => {
    const request = { questions: [question] };
    const { message } = await caller.call(DecisionServiceService.checkAccess, request, { purpose: 'PERIZINAN' });
    return message.verdicts[0]?.allowed;
  };
  try {
    while (!(await isAllowed())) await delay(POLL_MS);
  } finally {
    caller.close();
  }
}

function targetOf(
  mesh: RunningMesh,
  permit: string,
  { unit, kecamatan }: (typeof puskesmas)[number],
  rows: readonly ImportRow[],
): Target {
  const { layout } = mesh;
  const niks = rows
    .filter(({ resident, status }) => {
      return status === BasicStatus.HIDUP && resident?.alamatSekarang?.kelurahan.startsWith(`${kecamatan}.`);
    })
    .map(({ resident }) => resident?.nik ?? '');
  const read = (file: string) => readFileSync(file, 'utf8');
  return {
    address: mesh.endpoints().broker,
    peer: 'spiffe://padang.go.id/mesh/broker',
    tls: { ca: read(layout.ca), cert: read(`${layout.client(unit)}.crt`), key: read(`${layout.client(unit)}.key`) },
    path: ResidentServiceService.getResident.path,
    metadata: [
      ['rangkiang-purpose', 'PELAYANAN_PUBLIK'],
      ['rangkiang-permit', permit],
      ['grpc-timeout', '5S'],
    ],
    bodies: [...new Set(niks)].slice(0, RESIDENTS_ASKED).map((nik) => {
      const request = GetResidentRequest.encode({ nik, elements: [] }).finish();
      return Buffer.from(request).toString('base64');
    }),
  };
}
