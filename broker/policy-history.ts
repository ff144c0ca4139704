import type { ReadChangesRequest, ReadChangesResponse } from '#gen/rangkiang/permit/v1/policy.ts';
import type { DecisionInput } from '#gen/rangkiang/type/v1/decision_input.ts';
import { MeshError } from '#mesh/errors.ts';
import type { ExtendOptions } from './policy/extend-snapshot.ts';
import { digestOf, type RecordedNarrowing } from './policy/holding.ts';
import { policyDigest } from './policy/recorded-decision.ts';
import type { Snapshot } from './policy/snapshot.ts';

/** Why an old policy is not had again. */
export type HistoryObstacle = 'POLICY_UNKNOWN' | 'OTHER_POLICY' | 'IN_DOUBT';

/** A policy as a record names it. */
export type PolicyPoint = { readonly version: bigint } & Pick<
  DecisionInput,
  'policyDigest' | 'unrecordedVersions' | 'missingRecords' | 'doubtsLeftOut'
>;

/** What old policies are rebuilt with. */
export interface HistoryParts {
  /** The policy before the first change. */
  readonly empty: Snapshot;
  /** Changes of the policy log, in pages. */
  readonly read: (request: ReadChangesRequest) => Promise<ReadChangesResponse>;
  /** `extendSnapshot` with the verifiers and pauses of production. */
  readonly extend: (
    base: Snapshot,
    changes: readonly Buffer[],
    options: Pick<ExtendOptions, 'isRecorded' | 'missing'>,
  ) => Promise<Snapshot>;
  /** A narrowing that the audit log tells of, by the index of its record. */
  readonly narrowingAt: (index: bigint) => RecordedNarrowing | undefined;
}

/** Records of one day are mostly of one or two versions; a snapshot with 10,000 permits has some 100 MB. */
const KEPT = 2;

/**
 * Rebuilds old policies from the raw changes, as brokers built them: signatures are verified again, and what did not count for
 * want of a record does not count. One at a time, so that however many ask, calls at the door get their turn.
 */
export class PolicyHistory {
  readonly #parts: HistoryParts;
  /** The last ones, by what was asked for. */
  readonly #kept = new Map<string, Snapshot>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: HistoryParts) {
    this.#parts = parts;
  }

  /** The policy at a point, or why it is not had. Rejects with CANCELLED when `signal` is aborted, and as `read` does. */
  at(point: PolicyPoint, signal: AbortSignal): Promise<Snapshot | HistoryObstacle> {
    const found = this.#last.then(() => this.#find(point, signal));
    this.#last = found.catch(() => {});
    return found;
  }

  async #find(point: PolicyPoint, signal: AbortSignal): Promise<Snapshot | HistoryObstacle> {
    if (point.doubtsLeftOut) return 'IN_DOUBT';
    const missing = point.missingRecords.map((index) => this.#parts.narrowingAt(index));
    if (missing.includes(undefined)) return 'IN_DOUBT';
    const key = keyOf(point);
    const base = this.#kept.get(key) ?? this.#nearest(point);
    let found = await this.#build(base, point, missing as RecordedNarrowing[], signal);
    if (isOther(found, point) && base !== this.#parts.empty) {
      // The policy log is another one than when this was kept.
      this.#kept.clear();
      found = await this.#build(this.#parts.empty, point, missing as RecordedNarrowing[], signal);
    }
    if (found === undefined) return 'POLICY_UNKNOWN';
    if (isOther(found, point)) return 'OTHER_POLICY';
    this.#keep(key, found);
    return found;
  }

  /** The kept policy from which least is to be built, of those that nothing was in doubt of. */
  #nearest({ version, unrecordedVersions }: PolicyPoint): Snapshot {
    const below = unrecordedVersions.reduce((least, each) => (each <= least ? each - 1n : least), version);
    let nearest = this.#parts.empty;
    for (const kept of this.#kept.values()) {
      const isSound = kept.unrecorded.length + kept.missing.length === 0;
      if (isSound && kept.version <= below && kept.version > nearest.version) nearest = kept;
    }
    return nearest;
  }

  async #build(
    base: Snapshot,
    { version, unrecordedVersions }: PolicyPoint,
    missing: readonly RecordedNarrowing[],
    signal: AbortSignal,
  ): Promise<Snapshot | undefined> {
    const { read, extend } = this.#parts;
    const unrecorded = new Set<string>();
    const isRecorded = (digest: string) => !unrecorded.has(digest);
    let built = base;
    while (built.version < version) {
      if (signal.aborted) throw new MeshError('CANCELLED');
      const { changes } = await read({ afterVersion: built.version, upToVersion: version });
      if (changes.length === 0) return undefined;
      for (const each of unrecordedVersions) {
        const change = changes[Number(each - built.version) - 1];
        if (change !== undefined) unrecorded.add(digestOf(change));
      }
      built = await extend(built, changes, { isRecorded });
    }
    // Of a policy that is kept, what is missing was added before.
    return missing.length === 0 || built.missing.length > 0 ? built : extend(built, [], { isRecorded, missing });
  }

  #keep(key: string, snapshot: Snapshot): void {
    this.#kept.delete(key);
    this.#kept.set(key, snapshot);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }
}

function keyOf({ version, unrecordedVersions, missingRecords }: PolicyPoint): string {
  return `${version} ${unrecordedVersions} ${missingRecords}`;
}

function isOther(found: Snapshot | undefined, point: PolicyPoint): boolean {
  return found === undefined || !policyDigest(found).equals(point.policyDigest);
}
