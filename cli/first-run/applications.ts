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

/**
 * Takes a demonstration permit through the real flow: the OPD applies, the Walikota signs, both through the broker.
 * Finds what a former start has done and does only the rest. Answers the permit's UUID.
 */
export async function obtainPermit(mesh: RunningMesh, demo: DemoPermit, signal: AbortSignal): Promise<string> {
  const connection = { layout: mesh.layout, endpoints: mesh.endpoints(), locale: 'id' } as const;
  const opd = await connectAs(demo.opd, connection);
  const walikota = await connectAs('WALIKOTA', connection);
  try {
    const { message: submitted } = await submitApplication(opd, demo.content, idOf(demo.content));
    let application = await readApplication(walikota, submitted.applicationId);
    if (application.state === ApplicationState.SUBMITTED) {
      await issuePermit(walikota, mesh.layout, application, demo.terms);
    }
    while (application.state === ApplicationState.ISSUING) {
      await delay(pollMs, undefined, { signal });
      application = await readApplication(walikota, submitted.applicationId);
    }
    return submitted.applicationId;
  } finally {
    opd.close();
    walikota.close();
  }
}

async function readApplication(caller: Caller, applicationId: string): Promise<Application> {
  const { message } = await caller.call(PermitServiceService.getApplication, { applicationId }, permitPurpose);
  return present(message.application);
}

/** The request's id follows from its content, so that a second start finds what the first one applied for. */
function idOf(content: ApplicationContent): string {
  const digits = hash('sha256', ApplicationContent.encode(content).finish(), 'hex');
  const [a, b, c, d, e] = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(13, 16),
    digits.slice(17, 20),
    digits.slice(20, 32),
  ];
  // Version 8 of RFC 9562: a UUID whose bits are ours to choose.
  return `${a}-${b}-8${c}-8${d}-${e}`;
}
