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
import { type FrozenSets, freezeAll } from './frozen.ts';
import { policyVersion } from './judge.ts';
import { OpdPolicy } from './opd-policy.ts';
import { type OperatorKeyFault, type Operators, operatorsAfter } from './operators.ts';
import { faultOf, PermitsInMaking } from './permits-in-making.ts';
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
    | 'SUSPENSION_NOT_IN_FORCE';
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
  readonly quarantined: readonly Quarantined[];
  readonly directives: Directives;
  /** What the directives in force freeze. */
  readonly frozen: FrozenSets;
  /** Operators' keys and what was withdrawn of them, by OPD code. */
  readonly operators: Operators;
  /** The Walikota's keys that may sign from here on: those pinned, and after them what signed orders made of them. */
  readonly signingKeys: SigningKeys;
}

/** Verifies the signed bytes of an Izin against the keys that may sign; throws when they do not count. */
export type VerifyIzin = (jws: string, keys: SigningKeys) => Promise<VerifiedIzin>;

/** Verifies the signed bytes that lift a suspension, likewise. */
export type VerifyPemulihan = (jws: string, keys: SigningKeys) => Promise<Pemulihan>;

/** What building a snapshot may need beside the check of an Izin. */
export interface ExtendOptions {
  /** Without it no freeze is lifted. */
  readonly verifyLift?: VerifyLift;
  /** Without it no permit is reinstated. */
  readonly verifyPemulihan?: VerifyPemulihan;
  /** Awaited between two changes, so that calls go on. */
  readonly pause?: () => Promise<void>;
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
  const first = policyVersion(0n);
  const frozen = freezeAll([]);
  const statuteOf = (opd: string) =>
    new OpdPolicy(opd, first, [compileStatute(opd, registeredOpds)], { revoked, suspended }, frozen.elements);
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
    quarantined: [],
    directives: noDirectives,
    frozen,
    operators: new Map(),
    signingKeys: pinned,
  });
}

/**
 * Builds aside the snapshot that follows `base` by `changes` (raw bytes, in order); `base` stays as it is. Only what changed
 * is verified and compiled, about 0.5 ms a permit; what did not change is shared with `base`, however much it is. A permit
 * that fails is quarantined and the rest installs; what would widen and is not well signed counts for nothing.
 * Throws ChangeNotUnderstood when a change cannot be read; then nothing is installed.
 */
export async function extendSnapshot(
  base: Snapshot,
  changes: readonly Buffer[],
  verifyIzin: VerifyIzin,
  { verifyLift = refuseAll, verifyPemulihan = refuseAll, pause = async () => {} }: ExtendOptions = {},
): Promise<Snapshot> {
  let { version, digest, directives, operators, signingKeys } = base;
  const revoked = new Set(base.revoked);
  const suspended = new Map(base.suspended);
  const lifted = new Set(base.lifted);
  const quarantined = [...base.quarantined];
  const permits = new PermitsInMaking(base);
  const quarantine = (refused: Omit<Quarantined, 'version'> | undefined) => {
    if (refused) quarantined.push({ ...refused, version });
  };

  for (const [index, bytes] of changes.entries()) {
    if (index > 0) await pause();
    version += 1n;
    digest = nextDigest(digest, bytes);
    const change = readChange(bytes);
    switch (change.$case) {
      case 'permitIssued':
        quarantine(await permits.install(change.value.jws, (jws) => verifyIzin(jws, signingKeys)));
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
      case 'frozen':
        directives = withFreeze(directives, change.value);
        break;
      case 'lifted':
        directives = await withLift(directives, verifyLift(change.value.jws, signingKeys), version);
        break;
      case 'signingKeyOrdered':
        try {
          signingKeys = (await withKeyOrder(signingKeys, change.value.jws)).keys;
        } catch (error) {
          quarantine({ permit: '', fault: faultOf(error) });
        }
        break;
      default: {
        const after = operatorsAfter(operators, change);
        if (typeof after === 'string') quarantine({ permit: '', fault: after });
        else operators = after;
      }
    }
  }
  const encoded = policyVersion(version);
  const stopped = { revoked, suspended };
  const frozen = directives === base.directives ? base.frozen : freezeAll(directives.inForce);
  return Object.freeze({
    ...base,
    version,
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
    quarantined,
    directives,
    frozen,
    operators,
    signingKeys,
  });
}

/** Lifts the suspension in force that a signed document names, once. Answers why it does not count. */
async function reinstate(
  document: Promise<Pemulihan>,
  suspended: Map<string, string>,
  lifted: Set<string>,
): Promise<Omit<Quarantined, 'version'> | undefined> {
  let permit = '';
  try {
    const { permitId, suspensionId } = await document;
    permit = permitId;
    if (suspended.get(permitId) !== suspensionId || lifted.has(suspensionId)) {
      return { permit, fault: 'SUSPENSION_NOT_IN_FORCE' };
    }
    suspended.delete(permitId);
    lifted.add(suspensionId);
    return undefined;
  } catch (error) {
    return { permit, fault: faultOf(error) };
  }
}
