import { verifyActivation, verifyReview } from '#mesh/emergency.ts';
import { MeshError } from '#mesh/errors.ts';
import type { Candidate } from './candidate.ts';

/** The last activation of an emergency permit. */
export interface Activated {
  readonly activationId: string;
  /** The version of the Izin that was activated; another one is not. */
  readonly version: number;
  /** Milliseconds since 1970 UTC: the first moment in which it counts, and the first after it. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** Its review is closed: it counts no longer, and the permit may be activated again. */
  readonly isReviewed: boolean;
}

/** By the permit's UUID. Never changed, only replaced. */
export type Emergencies = ReadonlyMap<string, Activated>;

/**
 * The emergencies after an activation. Who signed is named by the permit itself, so the policy log can add nothing to it.
 * The one before must be reviewed and must have begun earlier: an activation that is written into the log again is never
 * a second one. Throws MeshError, for what counts for nothing.
 */
export async function withActivation(
  emergencies: Emergencies,
  signed: readonly string[],
  permit: Candidate | undefined,
): Promise<Emergencies> {
  if (!permit?.izin || !permit.persons) throw new MeshError('EMERGENCY_NOT_FOUND');
  const { activation, fromMs, untilMs } = await verifyActivation(signed, permit.izin, permit.persons);
  const before = emergencies.get(permit.id);
  if (before && (!before.isReviewed || fromMs <= before.fromMs)) throw new MeshError('EMERGENCY_REVIEW_OPEN');
  const { activationId, version } = activation;
  const activated = Object.freeze({ activationId, version, fromMs, untilMs, isReviewed: false });
  return new Map(emergencies).set(permit.id, activated);
}

/** The emergencies after a review. Throws MeshError, likewise. */
export async function withReview(
  emergencies: Emergencies,
  signed: string,
  permit: Candidate | undefined,
): Promise<Emergencies> {
  const before = permit && emergencies.get(permit.id);
  if (!permit?.persons || !before) throw new MeshError('EMERGENCY_NOT_FOUND');
  const { permitId, activationId } = await verifyReview(signed, permit.persons);
  if (permitId !== permit.id || activationId !== before.activationId) throw new MeshError('EMERGENCY_UNFIT');
  return new Map(emergencies).set(permit.id, Object.freeze({ ...before, isReviewed: true }));
}

/** When an emergency permit counts. */
export interface EmergencyWindow {
  /** The activation; empty while there is none. */
  readonly activationId: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

const NEVER: EmergencyWindow = Object.freeze({ activationId: '', fromMs: Infinity, untilMs: Infinity });

/** The window of an emergency permit; undefined for every other permit. */
export function emergencyWindow(
  { id, izin, persons }: Candidate,
  emergencies: Emergencies,
): EmergencyWindow | undefined {
  if (!persons) return undefined;
  const activated = emergencies.get(id);
  if (activated === undefined || activated.version !== izin?.version) return NEVER;
  return activated.isReviewed ? { ...activated, untilMs: -Infinity } : activated;
}
