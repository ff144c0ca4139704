import type { Pemulihan } from '#gen/rangkiang/permit/v1/life_cycle.ts';
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
import { checkStatute, offices } from './statute.ts';

/** A permit that was issued, or a suspension lifted, in a document that does not count. */
export interface Quarantined {
  readonly permit: string;
  /** Policy version that issued it. */
  readonly version: bigint;
  readonly fault: PermitFault | Reason | 'PERMIT_ID_REUSED' | 'NOT_COMPILED' | 'SUSPENSION_NOT_IN_FORCE';
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
}

/** Verifies the signed bytes of an Izin against the pinned certificate; throws when they do not count. */
export type VerifyIzin = (jws: string) => Promise<VerifiedIzin>;

/** Verifies the signed bytes that lift a suspension, likewise. */
export type VerifyPemulihan = (jws: string) => Promise<Pemulihan>;

/** For a policy in which nothing is reinstated. */
const liftNothing: VerifyPemulihan = async () => {
  throw new MeshError('SIGNATURE_INVALID');
};

/** The policy before the first change: statute alone. Throws when the statute rules do not fit the contract. */
export function emptySnapshot(contract: ReadonlyMap<string, Method>, registeredOpds: ReadonlySet<string>): Snapshot {
  checkStatute(contract);
  const codes = [...new Set([...registeredOpds, ...offices])];
  const revoked = new Set<string>();
  const suspended = new Map<string, string>();
  const stopped = { revoked, suspended };
  const first = policyVersion(0n);
  return Object.freeze({
    version: 0n,
    digest: GENESIS,
    methods: new Map([...contract].filter(([, method]) => method.policy.door === 'BROKER')),
    registeredOpds,
    opds: new Map(codes.map((opd) => [opd, new OpdPolicy(opd, first, [compileStatute(opd, registeredOpds)], stopped)])),
    permits: [],
    newest: new Map<string, number>(),
    revoked,
    suspended,
    lifted: new Set<string>(),
    quarantined: [],
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
  verifyPemulihan: VerifyPemulihan = liftNothing,
): Promise<Snapshot> {
  let { version, digest } = base;
  const revoked = new Set(base.revoked);
  const suspended = new Map(base.suspended);
  const lifted = new Set(base.lifted);
  const quarantined = [...base.quarantined];
  // In the order of first issue; a renewal takes the place of the version before.
  const permits = new Map(base.permits.map((permit) => [permit.id, permit]));
  const newest = new Map(base.newest);

  for (const bytes of changes) {
    version += 1n;
    digest = nextDigest(digest, bytes);
    const change = readChange(bytes);
    switch (change.$case) {
      case 'permitRevoked':
        revoked.add(change.value.permitId);
        break;
      case 'permitSuspended':
        suspended.set(change.value.permitId, change.value.suspensionId);
        break;
      case 'permitReinstated': {
        const refused = await lift(change.value.jws, verifyPemulihan, suspended, lifted);
        if (refused) quarantined.push({ ...refused, version });
        break;
      }
      case 'permitIssued': {
        const refused = await install(change.value.jws, base, verifyIzin, permits, newest);
        if (refused) quarantined.push({ ...refused, version });
        break;
      }
    }
  }
  const encoded = policyVersion(version);
  const byOpd = Map.groupBy(permits.values(), ({ izin }) => izin?.opd);
  // Every OPD begins with an empty memo: the memo belongs to the snapshot.
  const opds = [...base.opds].map(([opd, { candidates }]): [string, OpdPolicy] => [
    opd,
    new OpdPolicy(opd, encoded, [...candidates.slice(0, 1), ...(byOpd.get(opd) ?? [])], { revoked, suspended }),
  ]);
  return Object.freeze({
    ...base,
    version,
    digest,
    opds: new Map(opds),
    permits: [...permits.values()],
    newest,
    revoked,
    suspended,
    lifted,
    quarantined,
  });
}

/**
 * Installs a signed permit, under a known id only in place of a lower version. Answers why it does not count. A higher
 * version that cannot be compiled still ends the one before, which the Walikota has replaced.
 */
async function install(
  jws: string,
  base: Snapshot,
  verifyIzin: VerifyIzin,
  permits: Map<string, Candidate>,
  newest: Map<string, number>,
): Promise<Omit<Quarantined, 'version'> | undefined> {
  let permit = '';
  try {
    const { izin } = await verifyIzin(jws);
    permit = izin.permitId;
    const installed = permits.get(permit)?.izin;
    if (izin.version <= (newest.get(permit) ?? -1) || (installed && izin.opd !== installed.opd)) {
      return { permit, fault: 'PERMIT_ID_REUSED' };
    }
    newest.set(permit, izin.version);
    try {
      permits.set(permit, compilePermit(izin, jws, base.methods, base.registeredOpds));
    } catch (error) {
      permits.delete(permit);
      throw error;
    }
  } catch (error) {
    return { permit, fault: faultOf(error) };
  }
  return undefined;
}

/** Lifts the suspension in force that a signed document names, once. Answers why it does not count. */
async function lift(
  jws: string,
  verifyPemulihan: VerifyPemulihan,
  suspended: Map<string, string>,
  lifted: Set<string>,
): Promise<Omit<Quarantined, 'version'> | undefined> {
  let permit = '';
  try {
    const { permitId, suspensionId } = await verifyPemulihan(jws);
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

function faultOf(error: unknown): Quarantined['fault'] {
  if (error instanceof PermitRefused) return error.fault;
  return error instanceof MeshError ? error.reason : 'NOT_COMPILED';
}
