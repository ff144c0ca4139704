import type { RenewRequest, RenewResponse } from '#gen/rangkiang/permit/v1/policy.ts';
import type { Instant } from './clock.ts';
import { Lease } from './lease.ts';
import type { PolicyTime } from './policy/decide.ts';
import type { Snapshot } from './policy/snapshot.ts';

/** Why an answer of the permit service is not followed. */
export type PolicyFaultCode =
  /** It knows fewer changes than this broker has seen: an older database stands in its place. */
  | 'WENT_BACK'
  /** A change that this broker has seen is another one now. */
  | 'HISTORY_CHANGED'
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

/** Builds the snapshot that follows another by raw changes. */
export type Extend = (base: Snapshot, changes: readonly Buffer[]) => Promise<Snapshot>;

/**
 * The policy that this broker has installed, and its lease. Begins with the empty policy and no lease, and so denies with
 * POLICY_STALE until the first renewal.
 */
export class SnapshotHolder {
  readonly #empty: Snapshot;
  readonly #extend: Extend;
  readonly #lease = new Lease();
  #snapshot: Snapshot;
  #incarnation = '';
  /** The newest that was ever installed here, in any incarnation. */
  #seen: Pick<Snapshot, 'version' | 'digest'>;
  #brokers = 1;

  constructor(empty: Snapshot, extend: Extend) {
    this.#empty = empty;
    this.#extend = extend;
    this.#snapshot = empty;
    this.#seen = empty;
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
      this.#lease.renewed(sentAt, receivedAt, { authorityMs, leaseMs: response.leaseMs });
      return 'RENEWED';
    }
    await this.#install(response.changes);
    return 'INSTALLED';
  }

  /** A database was restored, or this is the first contact: all changes are asked for anew, and checked against those seen. */
  #beginAgain(incarnation: string): void {
    this.#lease.drop();
    this.#incarnation = incarnation;
    this.#snapshot = this.#empty;
  }

  async #install(changes: readonly Buffer[]): Promise<void> {
    if (changes.length === 0) throw this.#refuse('NOTHING_TO_INSTALL');
    const base = this.#snapshot;
    // Up to what was seen before, and not past it in one step, so that the digests can be compared there.
    const toSeen = Number(this.#seen.version - base.version);
    const next = await this.#extend(base, toSeen > 0 ? changes.slice(0, toSeen) : changes);
    if (next.version === this.#seen.version && !next.digest.equals(this.#seen.digest)) {
      throw this.#refuse('HISTORY_CHANGED');
    }
    if (next.version > this.#seen.version) this.#seen = next;
    this.#snapshot = next;
  }

  #refuse(code: PolicyFaultCode): PolicyFault {
    this.#lease.drop();
    return new PolicyFault(code);
  }
}
