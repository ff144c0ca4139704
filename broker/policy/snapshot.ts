import type { Method } from '#mesh/contract.ts';
import { MeshError, type Reason } from '#mesh/errors.ts';
import type { VerifiedIzin } from '#mesh/izin.ts';
import { GENESIS, nextDigest } from '#mesh/policy-chain.ts';
import type { Candidate } from './candidate.ts';
import { readChange } from './changes.ts';
import { compilePermit, type PermitFault, PermitRefused } from './compile-permit.ts';
import { compileStatute } from './compile-statute.ts';
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
  /** Operators' keys and what was withdrawn of them, by OPD code. */
  readonly operators: Operators;
}

/** Verifies the signed bytes of an Izin against the pinned certificate; throws when they do not count. */
export type VerifyIzin = (jws: string) => Promise<VerifiedIzin>;

/** The policy before the first change: statute alone. Throws when the statute rules do not fit the contract. */
export function emptySnapshot(contract: ReadonlyMap<string, Method>, registeredOpds: ReadonlySet<string>): Snapshot {
  checkStatute(contract);
  const codes = [...new Set([...registeredOpds, ...offices])];
  const revoked = new Set<string>();
  const first = policyVersion(0n);
  return Object.freeze({
    version: 0n,
    digest: GENESIS,
    methods: new Map([...contract].filter(([, method]) => method.policy.door === 'BROKER')),
    registeredOpds,
    opds: new Map(codes.map((opd) => [opd, new OpdPolicy(opd, first, [compileStatute(opd, registeredOpds)], revoked)])),
    permits: [],
    revoked,
    quarantined: [],
    operators: new Map(),
  });
}

/**
 * Builds aside the snapshot that follows `base` by `changes` (raw bytes, in order); `base` stays as it is. Only what changed
 * is verified and compiled, about 0.5 ms a permit. A permit that fails is quarantined and the rest installs.
 * Throws ChangeNotUnderstood when a change cannot be read; then nothing is installed.
 */
export async function extendSnapshot(
  base: Snapshot,
  changes: readonly Buffer[],
  verifyIzin: VerifyIzin,
): Promise<Snapshot> {
  let { version, digest } = base;
  const permits = [...base.permits];
  const revoked = new Set(base.revoked);
  const quarantined = [...base.quarantined];
  let { operators } = base;
  const ids = new Set(permits.map((permit) => permit.id));
  const added = new Map<string, Candidate[]>([...base.opds.keys()].map((opd) => [opd, []]));

  for (const bytes of changes) {
    version += 1n;
    digest = nextDigest(digest, bytes);
    const change = readChange(bytes);
    if (change.$case === 'permitRevoked') {
      revoked.add(change.value.permitId);
      continue;
    }
    if (change.$case !== 'permitIssued') {
      const after = operatorsAfter(operators, change);
      if (typeof after === 'string') quarantined.push({ permit: '', fault: after, version });
      else operators = after;
      continue;
    }
    const issued = await compileIssued(change.value.jws, base, verifyIzin, ids);
    if ('fault' in issued) {
      quarantined.push({ ...issued, version });
      continue;
    }
    added.get(issued.opd)?.push(issued.candidate);
    permits.push(issued.candidate);
    ids.add(issued.candidate.id);
  }
  const encoded = policyVersion(version);
  // Every OPD begins with an empty memo: the memo belongs to the snapshot.
  const opds = [...base.opds].map(([opd, { candidates }]): [string, OpdPolicy] => [
    opd,
    new OpdPolicy(opd, encoded, [...candidates, ...(added.get(opd) ?? [])], revoked),
  ]);
  return Object.freeze({ ...base, version, digest, opds: new Map(opds), permits, revoked, quarantined, operators });
}

async function compileIssued(
  jws: string,
  base: Snapshot,
  verifyIzin: VerifyIzin,
  ids: ReadonlySet<string>,
): Promise<{ opd: string; candidate: Candidate } | Omit<Quarantined, 'version'>> {
  let permit = '';
  try {
    const { izin } = await verifyIzin(jws);
    permit = izin.permitId;
    if (ids.has(permit)) return { permit, fault: 'PERMIT_ID_REUSED' };
    return { opd: izin.opd, candidate: compilePermit(izin, jws, base.methods, base.registeredOpds) };
  } catch (error) {
    return { permit, fault: faultOf(error) };
  }
}

function faultOf(error: unknown): Quarantined['fault'] {
  if (error instanceof PermitRefused) return error.fault;
  return error instanceof MeshError ? error.reason : 'NOT_COMPILED';
}
