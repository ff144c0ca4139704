import { hash } from 'node:crypto';
import { Kind, Leaf, type PolicyNarrowing } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { PolicyRecord } from '#gen/rangkiang/audit/v1/policy_feed.ts';
import { PolicyChange } from '#gen/rangkiang/permit/v1/policy.ts';

type ChangeKind = NonNullable<PolicyChange['change']>['$case'];

/**
 * Whether a change counts only once the audit log holds its record: because it widens, or may. What only narrows counts at
 * once, since its record may have to wait for the audit service.
 */
export const countsOnlyRecorded: Readonly<Record<ChangeKind, boolean>> = {
  permitIssued: true,
  permitActivated: true,
  permitRevoked: false,
  permitSuspended: false,
  permitReinstated: true,
  permitWarned: false,
  frozen: false,
  lifted: true,
  operatorKeysRegistered: true,
  operatorKeysWithdrawn: false,
  operatorWithdrawn: false,
  // But a key that it only ends has ended.
  signingKeyOrdered: true,
  emergencyActivated: true,
  // It lets the permit be activated again.
  emergencyReviewed: true,
};

/** A narrowing that the audit log tells of. */
export interface RecordedNarrowing {
  /** Of its record. */
  readonly index: bigint;
  /** Undefined when a newer service tells it in a way that this broker does not know. */
  readonly narrowing: PolicyNarrowing['narrowing'];
}

/** A narrowing that stands in the policy log. */
export interface LoggedNarrowing {
  /** Version of the policy that brought it. */
  readonly version: bigint;
  readonly kind: ChangeKind;
}

/** What tells a change from every other: the SHA-256 of its bytes. */
export function digestOf(change: Uint8Array): string {
  return hash('sha256', change, 'base64');
}

/**
 * The policy log and the audit log held against each other, as far as this broker has read both. Whoever can write one
 * database cannot write the other.
 */
export class Holding {
  readonly #recorded = new Set<string>();
  readonly #narrowings = new Map<string, RecordedNarrowing>();
  readonly #logged = new Set<string>();
  /** Narrowings of the policy log without a record, by digest. */
  readonly #unrecorded = new Map<string, LoggedNarrowing>();
  #missing: ReadonlyMap<string, RecordedNarrowing> = new Map();
  #revision = 0;

  /** Grows with every record. */
  get revision(): number {
    return this.#revision;
  }

  /** Whether the audit log holds the record of a change, by its digest. */
  isRecorded(digest: string): boolean {
    return this.#recorded.has(digest);
  }

  /** Narrowings that are recorded and missing in the policy log. Another object whenever it is not the same. */
  get missing(): ReadonlyMap<string, RecordedNarrowing> {
    return this.#missing;
  }

  /** The narrowing that a record of the audit log tells of; undefined when the record at that index tells of none. */
  narrowingAt(index: bigint): RecordedNarrowing | undefined {
    return this.#narrowings.values().find((narrowing) => narrowing.index === index);
  }

  /** Narrowings of the policy log whose record is not known. */
  get unrecorded(): Iterable<LoggedNarrowing> {
    return this.#unrecorded.values();
  }

  /** Whether one of some changes counts only with a record that is not known. */
  lacksRecords(changes: readonly Buffer[]): boolean {
    return changes.some((change) => {
      const kind = PolicyChange.decode(change).change?.$case;
      return kind !== undefined && countsOnlyRecorded[kind] && !this.#recorded.has(digestOf(change));
    });
  }

  /** Takes records of the audit log; known ones change nothing. */
  record(records: readonly PolicyRecord[]): void {
    const missing = new Map(this.#missing);
    for (const { index, leaf } of records) {
      const { kind, policyChangeDigest, narrows } = Leaf.decode(leaf);
      if (kind !== Kind.POLICY) continue;
      const digest = policyChangeDigest.toString('base64');
      this.#revision += 1;
      this.#recorded.add(digest);
      this.#unrecorded.delete(digest);
      if (narrows === undefined) continue;
      const { narrowing } = narrows;
      this.#narrowings.set(digest, { index, narrowing });
      if (!this.#logged.has(digest)) missing.set(digest, { index, narrowing });
    }
    if (missing.size !== this.#missing.size) this.#missing = missing;
  }

  /** Notes changes of the policy log as installed, of which the first brought `firstVersion`. */
  installed(firstVersion: bigint, changes: readonly Buffer[]): void {
    const found: string[] = [];
    for (const [offset, change] of changes.entries()) {
      const digest = digestOf(change);
      this.#logged.add(digest);
      if (this.#missing.has(digest)) found.push(digest);
      const kind = PolicyChange.decode(change).change?.$case;
      if (kind === undefined || countsOnlyRecorded[kind] || this.#recorded.has(digest)) continue;
      this.#unrecorded.set(digest, { version: firstVersion + BigInt(offset), kind });
    }
    if (found.length > 0) this.#missing = new Map([...this.#missing].filter(([digest]) => !found.includes(digest)));
  }

  /** The policy log is read anew, from its first change. */
  beginAgain(): void {
    this.#logged.clear();
    this.#unrecorded.clear();
    this.#missing = new Map(this.#narrowings);
  }
}
