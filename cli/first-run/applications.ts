import { hash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ReviewOutcome } from '../../proto/gen/rangkiang/permit/v1/life_cycle.ts';
import {
  type Application,
  ApplicationContent,
  ApplicationState,
  type Permit,
  PermitState,
} from '../../proto/gen/rangkiang/permit/v1/permit.ts';
import { connectAs } from '../client/caller.ts';
import { CallRefused } from '../client/refusal.ts';
import {
  activatePermit,
  issuePermit,
  present,
  readApplication,
  readPermit,
  recordApproval,
  reviewApplication,
  submitApplication,
} from '../permits/flow.ts';
import { callers } from '../state/callers.ts';
import type { RunningMesh } from '../supervisor/mesh.ts';
import type { DemoPermit } from './demo-permits.ts';

/** An application that is being issued waits only for its record. */
const pollMs = 50;
const remarks = 'Elemen dan wilayah sesuai dengan tujuan yang dimohon.';
const dirjenLetter = '470/001/Dukcapil/2026';
const agreement = { pksNumber: '470/001/PKS/2026', juknisNumber: '470/001/JUKNIS/2026' };
const conformityNumber = '470/001/BA-UJI/2026';
/** A development mesh listens on this machine alone. */
const networks = ['127.0.0.0/8', '::1/128'];

/** A demonstration permit that was signed, now or at a former start. */
export interface ObtainedPermit {
  readonly demo: DemoPermit;
  readonly permitId: string;
  /** Version of the policy from which it counts; 0 when it was signed at a former start. */
  readonly policyVersion: bigint;
}

/**
 * Takes a demonstration permit through the real flow: the OPD applies, Disdukcapil reviews, the Walikota signs Izin
 * and Aktivasi, all through the broker. Under Permendagri 102/2019 Disdukcapil also enters a letter of the Dirjen.
 * Finds what a former start has done and does only the rest.
 */
export async function obtainPermit(mesh: RunningMesh, demo: DemoPermit, signal: AbortSignal): Promise<ObtainedPermit> {
  const connection = { layout: mesh.layout, endpoints: mesh.endpoints(), locale: 'id' } as const;
  const opd = await connectAs(demo.opd, connection);
  const walikota = await connectAs('WALIKOTA', connection);
  const disdukcapil = await connectAs('DISDUKCAPIL', connection);
  try {
    // The id follows from the content, so that a second start finds what the first one applied for.
    const requestId = contentId(ApplicationContent.encode(demo.content).finish());
    const { message: submitted } = await submitApplication(opd, demo.content, requestId);
    let application = await readApplication(walikota, submitted.applicationId);
    if (application.state === ApplicationState.SUBMITTED) {
      const reviewed = await reviewApplication(disdukcapil, application, ReviewOutcome.RECOMMENDED, remarks);
      application = reviewed.message;
    }
    if (application.state === ApplicationState.RECOMMENDED || application.state === ApplicationState.APPROVED) {
      return await activate(await issueApproved(application));
    }
    while (application.state === ApplicationState.ISSUING) {
      await delay(pollMs, undefined, { signal });
      application = await readApplication(walikota, submitted.applicationId);
    }
    const permit = await readPermit(walikota, submitted.applicationId);
    if (permit.state === PermitState.AWAITING_ACTIVATION) return await activate(permit);
    return { demo, permitId: permit.permitId, policyVersion: 0n };
  } finally {
    opd.close();
    walikota.close();
    disdukcapil.close();
  }

  async function activate(permit: Permit): Promise<ObtainedPermit> {
    const systems = [...new Set(callers.filter(({ opd: code }) => code === demo.opd).map(({ system }) => system))];
    // A letter of the Dirjen shows the regime that also wants the conformity check.
    const conformity = present(permit.izin).dirjenLetter === '' ? '' : conformityNumber;
    const terms = { ...agreement, conformityNumber: conformity, systems, networks };
    const { permitId, policyVersion } = (await activatePermit(walikota, mesh.layout, permit, terms)).message;
    return { demo, permitId, policyVersion };
  }

  /** Only the service knows its regime: where it wants the Dirjen's approval first, it says so. */
  async function issueApproved(application: Application): Promise<Permit> {
    try {
      return (await issuePermit(walikota, mesh.layout, application, demo.terms)).message;
    } catch (error) {
      if (!(error instanceof CallRefused && error.refusal.reason === 'APPROVAL_REQUIRED')) throw error;
      const { message: approved } = await recordApproval(disdukcapil, application, dirjenLetter);
      return (await issuePermit(walikota, mesh.layout, approved, demo.terms)).message;
    }
  }
}

/** A UUID of version 8 (RFC 9562), whose bits are ours to choose. */
function contentId(content: Uint8Array): string {
  const digits = hash('sha256', content, 'hex');
  return digits.replace(/^(.{8})(.{4})(.{3})(.{3})(.{12}).*$/, '$1-$2-8$3-8$4-$5');
}
