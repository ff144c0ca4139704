import type { RenewRequest, RenewResponse } from '#gen/rangkiang/permit/v1/policy.ts';
import type { Logger } from '#mesh/log.ts';
import type { Clock, Timer } from './clock.ts';
import { ChangeNotUnderstood } from './policy/changes.ts';
import type { PolicyTime } from './policy/decide.ts';
import type { Snapshot } from './policy/snapshot.ts';
import { PolicyFault, type SnapshotHolder } from './snapshot-holder.ts';

const RENEW_EVERY_MS = 1_000;
/** After a failure, so that a permit service that restarts costs a third of the lease and not all of it. */
const RETRY_AFTER_MS = 250;

/** What the loop is driven by. */
export interface RenewalParts {
  readonly holder: SnapshotHolder;
  readonly clock: Clock;
  readonly timer: Timer;
  /** UUID of this process. */
  readonly session: string;
  /** Sends a renewal and must settle within a second, since one that hangs keeps the next from leaving. */
  readonly renew: (request: RenewRequest) => Promise<RenewResponse>;
  /**
   * Told in the same turn in which another policy than before stands under a live lease, before that is acknowledged.
   * What is installed on the way, without a lease, is not told: nothing is decided by it.
   */
  readonly onInstalled?: () => void;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

/**
 * Keeps the policy installed and its lease renewed: every second and whenever the bell rings, one renewal at a time, and
 * another at once after something was installed, since that one acknowledges it.
 */
export class RenewalLoop {
  readonly #parts: RenewalParts;
  #running: Promise<void> | undefined;
  readonly #leased = Promise.withResolvers<void>();
  #told: Snapshot | undefined;
  #again = false;
  #stopped = false;
  #cancelTimer: () => void = () => {};

  constructor(parts: RenewalParts) {
    this.#parts = parts;
  }

  /** What to decide with at this moment. */
  current(): { snapshot: Snapshot; time: PolicyTime } {
    const { holder, clock } = this.#parts;
    return holder.current(clock());
  }

  /** Resolves with the first lease: until then every call is denied. */
  get leased(): Promise<void> {
    return this.#leased.promise;
  }

  /** Renews now, or once more when a renewal is under way. Also starts the loop. */
  ring(): void {
    this.#again = true;
    if (this.#stopped || this.#running !== undefined) return;
    this.#cancelTimer();
    this.#running = Promise.resolve().then(() => this.#run());
  }

  /** Stops; waits for the renewal that is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    await this.#running;
  }

  async #run(): Promise<void> {
    let nextMs = RENEW_EVERY_MS;
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        nextMs = await this.#renewOnce();
      } catch (error) {
        this.#report(error);
        nextMs = RETRY_AFTER_MS;
      }
    }
    this.#running = undefined;
    if (!this.#stopped) this.#cancelTimer = this.#parts.timer(nextMs, () => this.ring());
  }

  /** Answers after how long to renew next; sets `again` for at once. */
  async #renewOnce(): Promise<number> {
    const { holder, clock, session, renew } = this.#parts;
    const before = this.current().snapshot;
    await this.#settle();
    const sentAt = clock();
    const response = await renew(holder.request(session));
    const receivedAt = clock();
    if ((await holder.follow(response, sentAt, receivedAt)) === 'INSTALLED') {
      this.#again = true;
      this.#reportInstalled(before);
    } else {
      this.#leased.resolve();
    }
    this.#tell();
    return Math.max(0, RENEW_EVERY_MS - (receivedAt.monoMs - sentAt.monoMs));
  }

  async #settle(): Promise<void> {
    try {
      await this.#parts.holder.settle();
      this.#tell();
    } catch (error) {
      // What it does not understand may be cleared up by what the policy log brings next; until then nothing is renewed.
      if (!(error instanceof ChangeNotUnderstood)) throw error;
    }
  }

  #tell(): void {
    const { snapshot, time } = this.current();
    if (!time.live || snapshot === this.#told) return;
    this.#told = snapshot;
    this.#parts.onInstalled?.();
  }

  #reportInstalled(before: Snapshot): void {
    const { log } = this.#parts;
    const { version, permits, quarantined, directives } = this.current().snapshot;
    log.info({ version: String(version), permits: permits.length }, 'policy installed');
    const known = new Set(before.quarantined.map((each) => each.version));
    for (const { permit, fault, version: issued } of quarantined) {
      if (!known.has(issued)) log.error({ alarm: 'PERMIT_QUARANTINED', permit, fault, version: String(issued) });
    }
    const refused = new Set(before.directives.refusedLifts.map((each) => each.version));
    for (const { directive, fault, version: lifted } of directives.refusedLifts) {
      if (!refused.has(lifted)) log.error({ alarm: 'LIFT_REFUSED', directive, fault, version: String(lifted) });
    }
  }

  #report(error: unknown): void {
    const { log } = this.#parts;
    if (error instanceof PolicyFault) log.error({ alarm: error.code, err: error });
    else if (error instanceof ChangeNotUnderstood) log.error({ alarm: 'CHANGE_NOT_UNDERSTOOD', err: error });
    else log.warn({ err: error }, 'the lease was not renewed');
  }
}
