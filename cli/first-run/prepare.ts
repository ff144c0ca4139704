import { setTimeout as delay } from 'node:timers/promises';
import { DecisionServiceService } from '../../proto/gen/rangkiang/broker/v1/decision_service.ts';
import { connectAs } from '../client/caller.ts';
import { CallRefused } from '../client/refusal.ts';
import { permitPurpose } from '../permits/flow.ts';
import type { ImportProgress } from '../population/import.ts';
import { CITY_VERSION, population } from '../population/population.ts';
import { type Demo, writeDemo } from '../state/demo.ts';
import type { RunningMesh } from '../supervisor/mesh.ts';
import { type ObtainedPermit, obtainPermit } from './applications.ts';
import { describeDemo } from './demo-callers.ts';
import { demoPermits, withoutPermit } from './demo-permits.ts';
import { type City, fillRegister, readCity } from './register.ts';
import { findSamples } from './samples.ts';

/** Residents of the first start when nothing else is said. */
export const defaultResidents = 20_000;

const pollMs = 50;
const methodAsked = '/rangkiang.resident.v1.ResidentService/GetResident';

/** What a start is told of its progress. */
export interface Preparation {
  /** How many residents; undefined keeps the city that is there. */
  residents: number | undefined;
  /** Told how far an import of so many residents is. */
  onImport(progress: ImportProgress, residents: number): void;
  signal: AbortSignal;
}

/**
 * What a development mesh has beside its processes: a city in the register, and demonstration permits that went through
 * the real flow. Does only what is not done yet. Rejects when the signal is aborted.
 */
export async function prepareMesh(mesh: RunningMesh, options: Preparation): Promise<Demo> {
  await untilInstalled(mesh, 0n, options.signal);
  const city = await prepareCity(mesh, options);
  const permits: ObtainedPermit[] = [];
  for (const demo of demoPermits) permits.push(await obtainPermit(mesh, demo, options.signal));
  const newest = permits.findLast(({ policyVersion }) => policyVersion > 0n)?.policyVersion ?? 0n;
  await untilInstalled(mesh, newest, options.signal);
  const samples = findSamples(population(city.seed, city.residents), new Date().getFullYear());
  const described = describeDemo(permits, samples);
  await writeDemo(mesh.layout, described);
  return described;
}

async function prepareCity(mesh: RunningMesh, options: Preparation): Promise<City> {
  const city = await readCity(mesh.layout);
  const residents = options.residents ?? defaultResidents;
  const isEnough = options.residents === undefined || (city?.residents ?? 0) >= residents;
  if (city?.version === CITY_VERSION && isEnough) return city;
  options.onImport({ rows: 0, accepted: 0, rejected: 0, skipped: 0 }, residents);
  return fillRegister(mesh, residents, {
    onProgress: (progress) => options.onImport(progress, residents),
    signal: options.signal,
  });
}

/** Waits until every broker decides with this version of the policy or a newer one: they learn of it one by one. */
async function untilInstalled(mesh: RunningMesh, version: bigint, signal: AbortSignal): Promise<void> {
  const endpoints = mesh.endpoints();
  const question = { method: methodAsked, purpose: 'PELAYANAN_PUBLIK', permit: '', unit: '' };
  for (const broker of endpoints.brokers.keys()) {
    const caller = await connectAs(withoutPermit.caller, {
      layout: mesh.layout,
      endpoints,
      broker: broker + 1,
      locale: 'id',
    });
    try {
      while ((await installedVersion()) < version) await delay(pollMs, undefined, { signal });
    } finally {
      caller.close();
    }

    /** -1 while the broker has no lease yet. */
    async function installedVersion(): Promise<bigint> {
      try {
        const { message } = await caller.call(
          DecisionServiceService.checkAccess,
          { questions: [question] },
          permitPurpose,
        );
        return message.policyVersion;
      } catch (error) {
        if (error instanceof CallRefused && error.refusal.code === 'UNAVAILABLE') return -1n;
        throw error;
      }
    }
  }
}
