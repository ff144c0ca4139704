import type { RenewRequest, RenewResponse } from '#gen/rangkiang/permit/v1/policy.ts';
import type { Instant } from '../broker/clock.ts';
import { Lease } from '../broker/lease.ts';
import type { PolicyTime } from '../broker/policy/decide.ts';
import type { Snapshot } from '../broker/policy/snapshot.ts';
import { type Extend, PolicyFault, type PolicyFaultCode, SnapshotHolder } from '../broker/snapshot-holder.ts';

/** Counts the lease from when the answer came. */
export class CountsFromAnswer extends SnapshotHolder {
  override follow(response: RenewResponse, _sentAt: Instant, receivedAt: Instant): Promise<'RENEWED' | 'INSTALLED'> {
    return super.follow(response, receivedAt, receivedAt);
  }
}

/** Keeps the lease when the permit service is another incarnation or cannot be followed. */
export class KeepsLease extends SnapshotHolder {
  readonly #kept = new Lease();

  override async follow(
    response: RenewResponse,
    sentAt: Instant,
    receivedAt: Instant,
  ): Promise<'RENEWED' | 'INSTALLED'> {
    const outcome = await super.follow(response, sentAt, receivedAt);
    if (outcome === 'RENEWED') {
      const authorityMs = response.authorityTime?.getTime() ?? 0;
      this.#kept.renewed(sentAt, receivedAt, { authorityMs, leaseMs: response.leaseMs });
    }
    return outcome;
  }

  override current(now: Instant): { snapshot: Snapshot; time: PolicyTime } {
    return { snapshot: super.current(now).snapshot, time: this.#kept.at(now) };
  }
}

/** Forgets all it has seen rather than refuse for one reason. */
export class Forgets extends SnapshotHolder {
  readonly #rather: PolicyFaultCode;
  readonly #renewHolder: () => SnapshotHolder;
  #holder: SnapshotHolder;

  constructor(rather: PolicyFaultCode, empty: Snapshot, extend: Extend) {
    super(empty, extend);
    this.#rather = rather;
    this.#renewHolder = () => new SnapshotHolder(empty, extend);
    this.#holder = this.#renewHolder();
  }

  override get brokers(): number {
    return this.#holder.brokers;
  }

  override current(now: Instant): { snapshot: Snapshot; time: PolicyTime } {
    return this.#holder.current(now);
  }

  override request(brokerSession: string): RenewRequest {
    return this.#holder.request(brokerSession);
  }

  override async follow(
    response: RenewResponse,
    sentAt: Instant,
    receivedAt: Instant,
  ): Promise<'RENEWED' | 'INSTALLED'> {
    try {
      return await this.#holder.follow(response, sentAt, receivedAt);
    } catch (error) {
      if (!(error instanceof PolicyFault) || error.code !== this.#rather) throw error;
      this.#holder = this.#renewHolder();
      return 'INSTALLED';
    }
  }
}
