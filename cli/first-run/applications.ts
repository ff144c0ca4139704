import { hash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Application, ApplicationContent, ApplicationState } from '../../proto/gen/rangkiang/permit/v1/permit.ts';
import { PermitServiceService } from '../../proto/gen/rangkiang/permit/v1/permit_service.ts';
import { type Caller, connectAs } from '../client/caller.ts';
import { issuePermit, permitPurpose, present, submitApplication } from '../permits/flow.ts';
import type { RunningMesh } from '../supervisor/mesh.ts';
import type { DemoPermit } from './demo-permits.ts';

/** An application that is being issued waits only for its record. */
const pollMs = 50;

/** A demonstration permit that was signed, now or at a former start. */
export interface ObtainedPermit {
  readonly demo: DemoPermit;
  readonly permitId: string;
  /** Version of the policy from which it counts; 0 when it was signed at a former start. */
  readonly policyVersion: bigint;
}

/**
 * Takes a demonstration permit through the real flow: the OPD applies, the Walikota signs, both through the broker.
 * Finds what a former start has done and does only the rest.
 */
export async function obtainPermit(mesh: RunningMesh, demo: DemoPermit, signal: AbortSignal): Promise<ObtainedPermit> {
  const connection = { layout: mesh.layout, endpoints: mesh.endpoints(), locale: 'id' } as const;
  const opd = await connectAs(demo.opd, connection);
  const walikota = await connectAs('WALIKOTA', connection);
  try {
    // The id follows from the content, so that a second start finds what the first one applied for.
    const requestId = contentId(ApplicationContent.encode(demo.content).finish());
    const { message: submitted } = await submitApplication(opd, demo.content, requestId);
    let application = await readApplication(walikota, submitted.applicationId);
    if (application.state === ApplicationState.SUBMITTED) {
      const { message: permit } = await issuePermit(walikota, mesh.layout, application, demo.terms);
      return { demo, permitId: permit.permitId, policyVersion: permit.policyVersion };
    }
    while (application.state === ApplicationState.ISSUING) {
      await delay(pollMs, undefined, { signal });
      application = await readApplication(walikota, submitted.applicationId);
    }
    return { demo, permitId: submitted.applicationId, policyVersion: 0n };
  } finally {
    opd.close();
    walikota.close();
  }
}

async function readApplication(caller: Caller, applicationId: string): Promise<Application> {
  const { message } = await caller.call(PermitServiceService.getApplication, { applicationId }, permitPurpose);
  return present(message.application);
}

/** A UUID of version 8 (RFC 9562), whose bits are ours to choose. */
function contentId(content: Uint8Array): string {
  const digits = hash('sha256', content, 'hex');
  return digits.replace(/^(.{8})(.{4})(.{3})(.{3})(.{12}).*$/, '$1-$2-8$3-8$4-$5');
}
