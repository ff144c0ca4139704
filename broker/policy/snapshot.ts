import type { Method } from '#mesh/contract.ts';
import type { Reason } from '#mesh/errors.ts';
import { GENESIS } from '#mesh/policy-chain.ts';
import { noKeys, type SigningKeys } from '#mesh/signing-keys.ts';
import type { Candidate } from './candidate.ts';
import type { readChange } from './changes.ts';
import type { PermitFault } from './compile-permit.ts';
import { compileStatute } from './compile-statute.ts';
import { type Directives, noDirectives } from './directives.ts';
import type { Emergencies } from './emergencies.ts';
import { type FrozenSets, freezeAll } from './frozen.ts';
import { policyVersion } from './judge.ts';
import type { LateDuties } from './late-duties.ts';
import { OpdPolicy } from './opd-policy.ts';
import type { OperatorKeyFault, Operators } from './operators.ts';
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
  /** Records, by their indexes, of narrowings that count by the audit log alone, since the policy log has lost them. */
  readonly missing: readonly bigint[];
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
    missing: [],
    lateDuties: new Map(),
    directives: noDirectives,
    frozen,
    operators: new Map(),
    signingKeys: pinned,
  });
}
