import type { Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { DecisionInput } from '#gen/rangkiang/type/v1/decision_input.ts';
import { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';
import type { PolicyRequest, PolicyTime } from './decide.ts';
import { parseAddress } from './networks.ts';
import { purposeByName, purposeName } from './purposes.ts';
import type { Snapshot } from './snapshot.ts';
import { isStatutory } from './statute.ts';

const POLICY_DIGEST_BYTES = 8;
/** Of either kind. A leaf has at most 4096 bytes, and a policy in so much doubt is looked into by hand. */
const DOUBTS_AT_MOST = 100;
/** A purpose that no list holds: which one it was is the caller's to choose, and so not recorded. */
const UNKNOWN_PURPOSE = '?';

/** The head of a policy's digest, by which a record names it. */
export function policyDigest({ digest }: Pick<Snapshot, 'digest'>): Buffer {
  return digest.subarray(0, POLICY_DIGEST_BYTES);
}

/**
 * What a record keeps of a decision beside what it tells anyway. The clock is kept in whole milliseconds, rounded down: every
 * bound that it is compared with is a whole one, and so every comparison comes out as before.
 */
export function decisionInput(snapshot: Snapshot, request: PolicyRequest, time: PolicyTime): DecisionInput {
  const { unrecorded, missing } = snapshot;
  const method = snapshot.methods.get(request.method);
  const earliestMs = Math.floor(time.earliestMs);
  const isInDoubt = unrecorded.length + missing.length > 0;
  return {
    ...plain,
    policyDigest: policyDigest(snapshot),
    earliestMs: BigInt(earliestMs),
    widthMs: Math.floor(time.latestMs) - earliestMs,
    permitNamed: request.permit !== '',
    caseNumberGiven: request.hasCaseNumber,
    purposeUnknown: request.purpose !== '' && !purposeByName.has(request.purpose),
    certificateSerial: request.serial ?? '',
    // Offices call from their people's own machines; for what statute grants, nobody asks from where.
    address: method && !isStatutory(method) ? (request.address?.text ?? '') : '',
    ...(isInDoubt && doubtsOf(snapshot)),
  };
}

const plain = DecisionInput.create();

function doubtsOf({ unrecorded, missing }: Snapshot): Partial<DecisionInput> {
  if (unrecorded.length > DOUBTS_AT_MOST || missing.length > DOUBTS_AT_MOST) return { doubtsLeftOut: true };
  return { unrecordedVersions: unrecorded.map(({ version }) => version), missingRecords: [...missing] };
}

/** A call as it was decided. A part that decisions begin to depend on does not compile here until its record tells it. */
type WholeRequest = { readonly [Part in keyof Required<PolicyRequest>]: PolicyRequest[Part] };

/** The call that a record tells of, as `decide` was asked. */
export function recordedRequest(leaf: Leaf, input: DecisionInput): WholeRequest {
  const { opd, unit, system, method, permit, purpose, operatorPseudonym } = leaf;
  return {
    opd,
    unit,
    system,
    method,
    permit: input.permitNamed ? permit : '',
    purpose: purpose !== Purpose.UNSPECIFIED ? purposeName(purpose) : input.purposeUnknown ? UNKNOWN_PURPOSE : '',
    hasOperator: operatorPseudonym !== '',
    hasCaseNumber: input.caseNumberGiven,
    address: parseAddress(input.address),
    serial: input.certificateSerial,
    operatorPseudonym,
    // Whose key or operator does not stand is refused before the decision, when the assertion is verified.
    operator: undefined,
  };
}

/** The time at which a record's call was decided. */
export function recordedTime({ earliestMs, widthMs }: DecisionInput): PolicyTime {
  return { live: true, earliestMs: Number(earliestMs), latestMs: Number(earliestMs) + widthMs };
}
