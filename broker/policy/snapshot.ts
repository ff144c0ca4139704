import type { Method } from '#mesh/contract.ts';
import { MeshError, type Reason } from '#mesh/errors.ts';
import type { VerifiedIzin } from '#mesh/izin.ts';
import { GENESIS, nextDigest } from '#mesh/policy-chain.ts';
import type { Candidate } from './candidate.ts';
import { readChange } from './changes.ts';
import { compilePermit, type PermitFault, PermitRefused } from './compile-permit.ts';
import { compileStatute } from './compile-statute.ts';
import { type Directives, noDirectives, type VerifyLift, withFreeze, withLift } from './directives.ts';
import { type FrozenSets, freezeAll } from './frozen.ts';
import { policyVersion } from './judge.ts';
import { OpdPolicy } from './opd-policy.ts';
import { type OperatorKeyFault, type Operators, operatorsAfter } from './operators.ts';
import { checkStatute, offices } from './statute.ts';

/** A permit that was issued, or a registration of operators' keys, that does not count. */
export interface Quarantined {
  /** UUID of the permit; empty when it is not known, or when it is about keys. */
  readonly permit: string;
  /** Policy version that issued it. */
  readonly version: bigint;
  readonly fault: PermitFault | OperatorKeyFault | Reason | 'PERMIT_ID_REUSED' | 'NOT_COMPILED';
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
  /** UUIDs; revoked once is revoked for ever. */
  readonly revoked: ReadonlySet<string>;
  readonly quarantined: readonly Quarantined[];
  readonly directives: Directives;
  /** What the directives in force freeze. */
  readonly frozen: FrozenSets;
  /** Operators' keys and what was withdrawn of them, by OPD code. */
  readonly operators: Operators;
}

/** Verifies the signed bytes of an Izin against the pinned certificate; throws when they do not count. */
export type VerifyIzin = (jws: string) => Promise<VerifiedIzin>;

const noPause = async () => {};

const noLift: VerifyLift = async () => {
  throw new MeshError('SIGNATURE_INVALID');
};

/** The policy before the first change: statute alone. Throws when the statute rules do not fit the contract. */
export function emptySnapshot(contract: ReadonlyMap<string, Method>, registeredOpds: ReadonlySet<string>): Snapshot {
  checkStatute(contract);
  const codes = [...new Set([...registeredOpds, ...offices])];
  const revoked = new Set<string>();
  const first = policyVersion(0n);
  const frozen = freezeAll([]);
  return Object.freeze({
    version: 0n,
    digest: GENESIS,
    methods: new Map([...contract].filter(([, method]) => method.policy.door === 'BROKER')),
    registeredOpds,
    opds: new Map(
      codes.map((opd) => [
        opd,
        new OpdPolicy(opd, first, [compileStatute(opd, registeredOpds)], revoked, frozen.elements),
      ]),
    ),
    permits: [],
    revoked,
    quarantined: [],
    directives: noDirectives,
    frozen,
    operators: new Map(),
  });
}

/**
 * Builds aside the snapshot that follows `base` by `changes` (raw bytes, in order); `base` stays as it is. Only what changed
 * is verified and compiled, about 0.5 ms a permit; what did not change is shared with `base`, however much it is. Between
 * two changes it awaits `pause`, so that calls go on. A permit that fails is quarantined and the rest installs; a lift that
 * fails counts for nothing, and without `verifyLift` none counts.
 * Throws ChangeNotUnderstood when a change cannot be read; then nothing is installed.
 */
export async function extendSnapshot(
  base: Snapshot,
  changes: readonly Buffer[],
  verifyIzin: VerifyIzin,
  { verifyLift = noLift, pause = noPause }: { verifyLift?: VerifyLift; pause?: () => Promise<void> } = {},
): Promise<Snapshot> {
  let { version, digest, directives } = base;
  const permits = [...base.permits];
  const revoked = new Set(base.revoked);
  const quarantined = [...base.quarantined];
  let { operators } = base;
  const addedIds = new Set<string>();
  const isKnown = (id: string) => addedIds.has(id) || [...base.opds.values()].some((policy) => policy.holds(id));
  const added = new Map<string, Candidate[]>([...base.opds.keys()].map((opd) => [opd, []]));

  for (const [index, bytes] of changes.entries()) {
    if (index > 0) await pause();
    version += 1n;
    digest = nextDigest(digest, bytes);
    const change = readChange(bytes);
    if (change.$case === 'permitRevoked') {
      revoked.add(change.value.permitId);
      continue;
    }
    if (change.$case === 'frozen') {
      directives = withFreeze(directives, change.value);
      continue;
    }
    if (change.$case === 'lifted') {
      directives = await withLift(directives, change.value.jws, version, verifyLift);
      continue;
    }
    if (change.$case !== 'permitIssued') {
      const after = operatorsAfter(operators, change);
      if (typeof after === 'string') quarantined.push({ permit: '', fault: after, version });
      else operators = after;
      continue;
    }
    const issued = await compileIssued(change.value.jws, base, verifyIzin, isKnown);
    if ('fault' in issued) {
      quarantined.push({ ...issued, version });
      continue;
    }
    added.get(issued.opd)?.push(issued.candidate);
    permits.push(issued.candidate);
    addedIds.add(issued.candidate.id);
  }
  const encoded = policyVersion(version);
  const frozen = directives === base.directives ? base.frozen : freezeAll(directives.inForce);
  // Every OPD begins with an empty memo: the memo belongs to the snapshot.
  const opds = [...base.opds].map(([opd, policy]): [string, OpdPolicy] => [
    opd,
    added.get(opd)?.length
      ? new OpdPolicy(opd, encoded, [...policy.candidates, ...(added.get(opd) ?? [])], revoked, frozen.elements)
      : policy.at(encoded, revoked, frozen.elements),
  ]);
  return Object.freeze({
    ...base,
    version,
    digest,
    opds: new Map(opds),
    permits,
    revoked,
    quarantined,
    directives,
    frozen,
    operators,
  });
}

async function compileIssued(
  jws: string,
  base: Snapshot,
  verifyIzin: VerifyIzin,
  isKnown: (id: string) => boolean,
): Promise<{ opd: string; candidate: Candidate } | Omit<Quarantined, 'version'>> {
  let permit = '';
  try {
    const { izin } = await verifyIzin(jws);
    permit = izin.permitId;
    if (isKnown(permit)) return { permit, fault: 'PERMIT_ID_REUSED' };
    return { opd: izin.opd, candidate: compilePermit(izin, jws, base.methods, base.registeredOpds) };
  } catch (error) {
    return { permit, fault: faultOf(error) };
  }
}

function faultOf(error: unknown): Quarantined['fault'] {
  if (error instanceof PermitRefused) return error.fault;
  return error instanceof MeshError ? error.reason : 'NOT_COMPILED';
}
