import type { RenewRequest, RenewResponse } from '#gen/rangkiang/permit/v1/policy.ts';
import type { Instant } from './clock.ts';
import { Lease } from './lease.ts';
import type { PolicyTime } from './policy/decide.ts';
import { Holding, type RecordedNarrowing } from './policy/holding.ts';
import type { Snapshot } from './policy/snapshot.ts';

/** Why an answer of the permit service is not followed. */
export type PolicyFaultCode =
  /** It knows fewer changes than this broker has seen: an older database stands in its place. */
  | 'WENT_BACK'
  /** A change that this broker has seen is another one now. */
  | 'HISTORY_CHANGED'
  /** The audit log has fewer records than this broker has seen. */
  | 'AUDIT_WENT_BACK'
  /** It neither renews nor says what to install: the digests differ. */
  | 'NOTHING_TO_INSTALL'
  /** It renews for something that is not installed here, or does not say its time. */
  | 'RENEWAL_MALFORMED';

/** Thrown when the permit service's answer cannot be followed; the lease was given up. */
export class PolicyFault extends Error {
  readonly code: PolicyFaultCode;
  constructor(code: PolicyFaultCode) {
    super(`the policy cannot be followed: ${code}`);
    this.code = code;
  }
}

/** Builds the snapshot that follows another by raw changes, and by narrowings that the policy log has lost. */
export type Extend = (
  base: Snapshot,
  changes: readonly Buffer[],
  missing?: readonly RecordedNarrowing[],
) => Promise<Snapshot>;

/**
 * The policy that this broker has installed, and its lease. Begins with the empty policy and no lease, and so denies with
 * POLICY_STALE until the first renewal.
 */
export class SnapshotHolder {
  readonly #empty: Snapshot;
  readonly #extend: Extend;
  readonly #holding: Holding;
  readonly #lease = new Lease();
  /** By the policy log alone. */
  #log: Snapshot;
  /** What is decided with: the same, without what the audit log knows to be narrowed. */
  #snapshot: Snapshot;
  /** What of the audit log it was held against. */
  #heldAgainst = { missing: new Map() as Holding['missing'], revision: 0 };
  #incarnation = '';
  /** The log is being read from its first change: without a lease, and all narrowings seem to be missing in it. */
  #isReading = false;
  /** The newest that was ever installed here, in any incarnation. */
  #seen: Pick<Snapshot, 'version' | 'digest'>;
  #brokers = 1;

  /** `extend` and this holder look at the same `holding`; `seen` is the newest head that an earlier process had. */
  constructor(
    empty: Snapshot,
    extend: Extend,
    holding: Holding = new Holding(),
    seen: Pick<Snapshot, 'version' | 'digest'> = empty,
  ) {
    this.#empty = empty;
    this.#extend = extend;
    this.#holding = holding;
    this.#log = empty;
    this.#snapshot = empty;
    this.#seen = seen;
  }

  /** Brokers of the city, as the last answer said; at least 1. */
  get brokers(): number {
    return this.#brokers;
  }

  /** What to decide with at this moment. A call reads it once. */
  current(now: Instant): { snapshot: Snapshot; time: PolicyTime } {
    return { snapshot: this.#snapshot, time: this.#lease.at(now) };
  }

  /** The renewal to send; it acknowledges what is installed. */
  request(brokerSession: string): RenewRequest {
    const { version, digest } = this.#snapshot;
    return { brokerSession, incarnation: this.#incarnation, version, digest };
  }

  /**
   * Follows the answer to `request`: RENEWED, or INSTALLED, and then the next renewal should go out at once.
   * Throws PolicyFault, and ChangeNotUnderstood of the compiler; what is installed then stays, and without another renewal
   * its lease ends.
   */
  async follow(response: RenewResponse, sentAt: Instant, receivedAt: Instant): Promise<'RENEWED' | 'INSTALLED'> {
    this.#brokers = Math.max(1, response.brokers);
    if (response.version < this.#seen.version) throw this.#refuse('WENT_BACK');
    if (response.incarnation !== this.#incarnation) {
      this.#beginAgain(response.incarnation);
      return 'INSTALLED';
    }
    if (response.renewed) {
      const authorityMs = response.authorityTime?.getTime() ?? Number.NaN;
      if (response.version !== this.#snapshot.version || Number.isNaN(authorityMs)) {
        throw this.#refuse('RENEWAL_MALFORMED');
      }
      this.#isReading = false;
      await this.#hold(this.#log);
      this.#lease.renewed(sentAt, receivedAt, { authorityMs, leaseMs: response.leaseMs });
      return 'RENEWED';
    }
    await this.#install(response.changes, response.version);
    return 'INSTALLED';
  }

  /**
   * Lets count what has been recorded since, and denies what the audit log knows to be narrowed. Cheap when there is nothing
   * new. Throws ChangeNotUnderstood for a narrowing of a form that this broker does not know: it might concern anything.
   */
  async settle(): Promise<void> {
    const { revision } = this.#holding;
    if (revision === this.#heldAgainst.revision) return;
    // A key that begins late: what it signed may stand anywhere behind its order, so all is read anew.
    const isKeyLate = this.#log.unrecorded.some(
      ({ kind, digest, isLeftOut }) => isLeftOut && kind === 'signingKeyOrdered' && this.#holding.isRecorded(digest),
    );
    if (isKeyLate) this.#beginAgain(this.#incarnation);
    else await this.#hold(await this.#extend(this.#log, []));
    this.#heldAgainst.revision = revision;
  }

  async #hold(log: Snapshot): Promise<void> {
    if (this.#isReading) {
      this.#log = log;
      this.#snapshot = log;
      return;
    }
    const { missing } = this.#holding;
    if (log === this.#log && missing === this.#heldAgainst.missing) return;
    const lost = [...missing.values()];
    this.#snapshot = lost.length === 0 ? log : await this.#extend(log, [], lost);
    this.#log = log;
    this.#heldAgainst.missing = missing;
  }

  /** A database was restored, or this is the first contact: all changes are asked for anew, and checked against those seen. */
  #beginAgain(incarnation: string): void {
    this.#lease.drop();
    this.#incarnation = incarnation;
    this.#log = this.#empty;
    this.#snapshot = this.#empty;
    this.#isReading = true;
    this.#holding.beginAgain();
  }

  async #install(changes: readonly Buffer[], headVersion: bigint): Promise<void> {
    if (changes.length === 0) throw this.#refuse('NOTHING_TO_INSTALL');
    const base = this.#log;
    // Up to what was seen before, and not past it in one step, so that the digests can be compared there.
    const toSeen = Number(this.#seen.version - base.version);
    const some = toSeen > 0 ? changes.slice(0, toSeen) : changes;
    const next = await this.#extend(base, some);
    if (next.version === this.#seen.version && !next.digest.equals(this.#seen.digest)) {
      throw this.#refuse('HISTORY_CHANGED');
    }
    if (next.version > this.#seen.version) this.#seen = next;
    this.#holding.installed(base.version + 1n, some);
    if (next.version >= headVersion) this.#isReading = false;
    await this.#hold(next);
  }

  #refuse(code: PolicyFaultCode): PolicyFault {
    this.#lease.drop();
    return new PolicyFault(code);
  }
}
