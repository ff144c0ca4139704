import type { Aktivasi } from '#gen/rangkiang/permit/v1/aktivasi.ts';
import type { Pemulihan } from '#gen/rangkiang/permit/v1/life_cycle.ts';
import type { Method } from '#mesh/contract.ts';
import { MeshError, type Reason } from '#mesh/errors.ts';
import type { VerifiedIzin } from '#mesh/izin.ts';
import { GENESIS, nextDigest } from '#mesh/policy-chain.ts';
import { withKeyOrder } from '#mesh/signing-key-order.ts';
import { noKeys, type SigningKeys } from '#mesh/signing-keys.ts';
import type { Candidate } from './candidate.ts';
import { readChange } from './changes.ts';
import type { PermitFault } from './compile-permit.ts';
import { compileStatute } from './compile-statute.ts';
import { type Directives, noDirectives, type VerifyLift, withFreeze, withLift } from './directives.ts';
import { type Emergencies, withActivation, withReview } from './emergencies.ts';
import { type FrozenSets, freezeAll } from './frozen.ts';
import { countsOnlyRecorded, digestOf, type RecordedNarrowing } from './holding.ts';
import { policyVersion } from './judge.ts';
import { type LateDuties, withWarning } from './late-duties.ts';
import { missingChanges } from './missing-changes.ts';
import { OpdPolicy } from './opd-policy.ts';
import { type OperatorKeyFault, type Operators, operatorsAfter } from './operators.ts';
import { faultOf, PermitsInMaking } from './permits-in-making.ts';
import { reinstate } from './reinstate.ts';
import { checkStatute, offices } from './statute.ts';

/** What was issued, registered or reinstated in a document that does not count. */
export interface Quarantined {
  /** UUID of the permit; empty when it is not known, or when it is about keys. */
  readonly permit: string;
  /** Policy version that issued it. */
  readonly version: bigint;
  readonly fault:
    | PermitFault
    | OperatorKeyFault
    | Reason
    | 'PERMIT_ID_REUSED'
    | 'NOT_COMPILED'
    | 'SUSPENSION_NOT_IN_FORCE'
    | 'IZIN_NOT_IN_FORCE'
    | 'ACTIVATED_BEFORE';
}

/** A change that counts for nothing until its record comes. */
export interface Unrecorded {
  /** Policy version that brought it. */
  readonly version: bigint;
  readonly kind: ReturnType<typeof readChange>['$case'];
  readonly digest: string;
  readonly bytes: Buffer;
  /** It was left out as a whole; otherwise what it ends has ended, and what it begins does not count. */
  readonly isLeftOut: boolean;
  /** UUID of the permit that is installed and does not count meanwhile; empty for other changes. */
  readonly permit: string;
}

/** The complete, numbered policy that a broker decides with. Nothing in it changes but its memo. */
export interface Snapshot {
  readonly version: bigint;
  /** Of the raw changes up to the version, 32 bytes. */
  readonly digest: Buffer;
  /** The methods that the broker offers, by path. */
  readonly methods: ReadonlyMap<string, Method>;
  readonly registeredOpds: ReadonlySet<string>;
  /** By OPD code; offices included. */
  readonly opds: ReadonlyMap<string, OpdPolicy>;
  /** Permits that count, in the order of issue; for the oracle. */
  readonly permits: readonly Candidate[];
  /** The highest version of each permit that was well signed, whether it counts or not: a lower one never counts again. */
  readonly newest: ReadonlyMap<string, number>;
  /** UUIDs; revoked once is revoked for ever. */
  readonly revoked: ReadonlySet<string>;
  /** Permit -> the suspension in force, both UUIDs. */
  readonly suspended: ReadonlyMap<string, string>;
  /** Suspensions that were lifted: a signed reinstatement counts once. */
  readonly lifted: ReadonlySet<string>;
  /** The last activation of each emergency permit that had one. */
  readonly emergencies: Emergencies;
  readonly quarantined: readonly Quarantined[];
  /** What widens and stands in the policy log without a record in the audit log. */
  readonly unrecorded: readonly Unrecorded[];
  /** Permits that do not count for that, or because a narrower version of them is missing; UUIDs. */
  readonly inDoubt: ReadonlySet<string>;
  /** How many narrowings count by the audit log alone, since the policy log has lost them. */
  readonly missing: number;
  /** For those who ask: nothing is decided by it. */
  readonly lateDuties: LateDuties;
  readonly directives: Directives;
  /** What the directives in force freeze. */
  readonly frozen: FrozenSets;
  /** Operators' keys and what was withdrawn of them, by OPD code. */
  readonly operators: Operators;
  /** The Walikota's keys that may sign from here on: those pinned, and after them what signed orders made of them. */
  readonly signingKeys: SigningKeys;
}

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
  readonly missing?: readonly RecordedNarrowing['narrowing'][];
}

const refuseAll = async (): Promise<never> => {
  throw new MeshError('SIGNATURE_INVALID');
};

/**
 * The policy before the first change: statute alone. `pinned` are the keys whose signatures count without an order. Throws
 * when the statute rules do not fit the contract.
 */
export function emptySnapshot(
  contract: ReadonlyMap<string, Method>,
  registeredOpds: ReadonlySet<string>,
  pinned: SigningKeys = noKeys,
): Snapshot {
  checkStatute(contract);
  const codes = [...new Set([...registeredOpds, ...offices])];
  const revoked = new Set<string>();
  const suspended = new Map<string, string>();
  const inDoubt = new Set<string>();
  const first = policyVersion(0n);
  const emergencies: Emergencies = new Map();
  const frozen = freezeAll([]);
  const statuteOf = (opd: string) =>
    new OpdPolicy(
      opd,
      first,
      [compileStatute(opd, registeredOpds)],
      { revoked, suspended, inDoubt, emergencies },
      frozen.elements,
    );
  return Object.freeze({
    version: 0n,
    digest: GENESIS,
    methods: new Map([...contract].filter(([, method]) => method.policy.door === 'BROKER')),
    registeredOpds,
    opds: new Map(codes.map((opd) => [opd, statuteOf(opd)])),
    permits: [],
    newest: new Map<string, number>(),
    revoked,
    suspended,
    lifted: new Set<string>(),
    emergencies,
    quarantined: [],
    unrecorded: [],
    inDoubt,
    missing: 0,
    lateDuties: new Map(),
    directives: noDirectives,
    frozen,
    operators: new Map(),
    signingKeys: pinned,
  });
}

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
    missing: missing.length,
    lateDuties,
    directives,
    frozen,
    operators,
    signingKeys,
  });
}
