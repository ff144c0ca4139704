import type { Aktivasi } from '#gen/rangkiang/permit/v1/aktivasi.ts';
import type { Pemulihan } from '#gen/rangkiang/permit/v1/life_cycle.ts';
import { MeshError } from '#mesh/errors.ts';
import type { VerifiedIzin } from '#mesh/izin.ts';
import { nextDigest } from '#mesh/policy-chain.ts';
import { withKeyOrder } from '#mesh/signing-key-order.ts';
import type { SigningKeys } from '#mesh/signing-keys.ts';
import { readChange } from './changes.ts';
import { type VerifyLift, withFreeze, withLift } from './directives.ts';
import { withActivation, withReview } from './emergencies.ts';
import { freezeAll } from './frozen.ts';
import { countsOnlyRecorded, digestOf, type RecordedNarrowing } from './holding.ts';
import { policyVersion } from './judge.ts';
import { withWarning } from './late-duties.ts';
import { missingChanges } from './missing-changes.ts';
import { OpdPolicy } from './opd-policy.ts';
import { operatorsAfter } from './operators.ts';
import { faultOf, PermitsInMaking } from './permits-in-making.ts';
import { reinstate } from './reinstate.ts';
import type { Quarantined, Snapshot } from './snapshot.ts';

/** Verify the signed bytes of a permit's two documents against the keys that may sign; they reject when those do not count. */
export interface PermitVerifiers {
  readonly izin: (jws: string, keys: SigningKeys) => Promise<VerifiedIzin>;
  readonly aktivasi: (jws: string, keys: SigningKeys) => Promise<Aktivasi>;
}

/** Verifies the signed bytes that lift a suspension, likewise. */
export type VerifyPemulihan = (jws: string, keys: SigningKeys) => Promise<Pemulihan>;

/** What building a snapshot may need beside the check of permits. */
export interface ExtendOptions {
  /** Without it no freeze is lifted. */
  readonly verifyLift?: VerifyLift;
  /** Without it no permit is reinstated. */
  readonly verifyPemulihan?: VerifyPemulihan;
  /** Awaited between two changes, so that calls go on. */
  readonly pause?: () => Promise<void>;
  /** Whether the audit log holds the record of a change, by its digest; without it every change counts. */
  readonly isRecorded?: (digest: string) => boolean;
  /** Narrowings that count though the policy log does not hold them. */
  readonly missing?: readonly RecordedNarrowing[];
}

const refuseAll = async (): Promise<never> => {
  throw new MeshError('SIGNATURE_INVALID');
};

/**
 * Builds aside the snapshot that follows `base` by `changes` (raw bytes, in order); `base` stays as it is. Only what changed
 * is verified and compiled, about 0.5 ms a permit; what did not change is shared with `base`, however much it is. A permit
 * that fails is quarantined and the rest installs; what would widen and is not well signed or not recorded counts for nothing,
 * and what has been recorded since counts from now on.
 * Throws ChangeNotUnderstood when a change cannot be read; then nothing is installed.
 */
export async function extendSnapshot(
  base: Snapshot,
  changes: readonly Buffer[],
  verify: PermitVerifiers,
  options: ExtendOptions = {},
): Promise<Snapshot> {
  const { verifyLift = refuseAll, verifyPemulihan = refuseAll, pause = async () => {} } = options;
  const { isRecorded = () => true, missing = [] } = options;
  const late = base.unrecorded.filter(({ digest }) => isRecorded(digest));
  if (changes.length + late.length + missing.length === 0) return base;

  const last = base.version + BigInt(changes.length);
  const digest = changes.reduce((before, change) => nextDigest(before, change), base.digest);
  const lost = missingChanges(missing);
  const steps = [
    ...late.filter(({ isLeftOut }) => isLeftOut),
    ...changes.map((bytes, index) => ({ version: base.version + BigInt(index + 1), bytes })),
    ...lost.changes.map((bytes) => ({ version: last, bytes })),
  ];
  let unrecorded = base.unrecorded.filter((each) => !late.includes(each));
  let { directives, operators, signingKeys, emergencies, lateDuties } = base;
  let version = base.version;
  const revoked = new Set(base.revoked);
  const suspended = new Map(base.suspended);
  const lifted = new Set(base.lifted);
  const quarantined = [...base.quarantined];
  const permits = new PermitsInMaking(base);
  const quarantine = (refused: Omit<Quarantined, 'version'> | undefined) => {
    if (refused) quarantined.push({ ...refused, version });
  };
  /** What needs a signature and has none counts for nothing, and is told. */
  const counting = (permit: string, step: () => Promise<void>) =>
    step().catch((error: unknown) => quarantine({ permit, fault: faultOf(error) }));

  for (const [index, step] of steps.entries()) {
    if (index > 0) await pause();
    const { bytes } = step;
    version = step.version;
    const change = readChange(bytes);
    const kind = change.$case;
    const own = digestOf(bytes);
    const lacksRecord = countsOnlyRecorded[kind] && !isRecorded(own);
    const wait = (isLeftOut: boolean, permit = '') => {
      unrecorded = [...unrecorded, { version, kind, digest: own, bytes, isLeftOut, permit }];
    };
    if (lacksRecord && kind !== 'permitIssued' && kind !== 'signingKeyOrdered') {
      wait(true);
      continue;
    }
    switch (change.$case) {
      case 'permitIssued': {
        const { jws, aktivasiJws } = change.value;
        const { permit, fault } = await permits.install(jws, (bytes) => verify.izin(bytes, signingKeys));
        if (fault) {
          quarantine({ permit, fault });
          break;
        }
        unrecorded = unrecorded.filter((each) => each.permit !== permit);
        if (lacksRecord) wait(false, permit);
        if (aktivasiJws !== '') quarantine(await permits.activate(verify.aktivasi(aktivasiJws, signingKeys)));
        break;
      }
      case 'permitActivated':
        quarantine(await permits.activate(verify.aktivasi(change.value.jws, signingKeys)));
        break;
      case 'permitRevoked':
        revoked.add(change.value.permitId);
        break;
      case 'permitSuspended':
        suspended.set(change.value.permitId, change.value.suspensionId);
        break;
      case 'permitReinstated':
        quarantine(await reinstate(verifyPemulihan(change.value.jws, signingKeys), suspended, lifted));
        break;
      case 'permitWarned':
        lateDuties = withWarning(lateDuties, change.value);
        break;
      case 'frozen':
        directives = withFreeze(directives, change.value);
        break;
      case 'lifted':
        directives = await withLift(directives, verifyLift(change.value.jws, signingKeys), version);
        break;
      case 'signingKeyOrdered':
        await counting('', async () => {
          const { keys, begun } = await withKeyOrder(signingKeys, change.value.jws);
          const isLeftOut = lacksRecord && begun !== undefined;
          if (lacksRecord) wait(isLeftOut);
          if (!isLeftOut) signingKeys = keys;
        });
        break;
      case 'emergencyActivated':
        await counting(change.value.permitId, async () => {
          emergencies = await withActivation(emergencies, change.value.jws, permits.find(change.value.permitId));
        });
        break;
      case 'emergencyReviewed':
        await counting(change.value.permitId, async () => {
          emergencies = await withReview(emergencies, change.value.jws, permits.find(change.value.permitId));
        });
        break;
      default: {
        const after = operatorsAfter(operators, change);
        if (typeof after === 'string') quarantine({ permit: '', fault: after });
        else operators = after;
      }
    }
  }
  if (lost.operatorsOf.length > 0) {
    operators = new Map([...operators].filter(([opd]) => !lost.operatorsOf.includes(opd)));
  }
  const inDoubt = new Set([...unrecorded.flatMap(({ permit }) => permit || []), ...lost.permits]);
  const encoded = policyVersion(last);
  const stopped = { revoked, suspended, inDoubt, emergencies };
  const frozen = directives === base.directives ? base.frozen : freezeAll(directives.inForce);
  return Object.freeze({
    ...base,
    version: last,
    digest,
    // Every OPD begins with an empty memo: the memo belongs to the snapshot.
    opds: permits.policies((policy, own) =>
      own
        ? new OpdPolicy(policy.opd, encoded, [...policy.candidates.slice(0, 1), ...own], stopped, frozen.elements)
        : policy.at(encoded, stopped, frozen.elements),
    ),
    ...permits.result(),
    revoked,
    suspended,
    lifted,
    emergencies,
    quarantined,
    unrecorded,
    inDoubt,
    missing: missing.map(({ index }) => index),
    lateDuties,
    directives,
    frozen,
    operators,
    signingKeys,
  });
}
