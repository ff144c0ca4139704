import { dayNumber, dayText } from '../broker/quota/day.ts';
import { MeshError } from '../mesh/errors.ts';
import { GENESIS, nextDigest } from '../mesh/policy-chain.ts';
import { chunkRows } from '../services/permit/domain/quota.ts';
import type { Authority, Installed } from '../services/permit/store/leases.ts';
import type { PolicyStore } from '../services/permit/store/policy-store.ts';
import type { Reserved, Wish } from '../services/permit/store/quota.ts';

const SEEN_MS = 60_000;

/** The row that is the policy. */
export interface Head {
  readonly incarnation: string;
  readonly version: bigint;
  readonly digest: Buffer;
}

interface Lease {
  version: bigint;
  seenMs: number;
}

interface StoredPermit {
  readonly quotaPerDay: number;
  revokeVersion: bigint | undefined;
}

interface Reservation {
  readonly permitId: string;
  readonly day: string;
  readonly rows: number;
  returned: number | undefined;
}

interface DayQuota {
  readonly permitId: string;
  readonly day: string;
  limit: number;
  reserved: number;
}

/** The permit service's store in memory: what Postgres does, in one process and without waiting. */
export class MemoryStore implements PolicyStore {
  readonly #nowMs: () => number;
  readonly #maxChanges: number;
  #incarnations = 1;
  head: Head = { incarnation: 'incarnation-1', version: 0n, digest: GENESIS };
  readonly #log: Buffer[] = [];
  readonly #leases = new Map<string, Lease>();
  readonly #permits = new Map<string, StoredPermit>();
  readonly #quotas = new Map<string, DayQuota>();
  readonly #reservations = new Map<string, Reservation>();

  /** `nowMs` is the database's clock, since 1970 UTC; at most `maxChanges` changes go into one answer. */
  constructor(nowMs: () => number, maxChanges: number) {
    this.#nowMs = nowMs;
    this.#maxChanges = maxChanges;
  }

  /** The UUIDs of permits that are revoked. */
  get revoked(): string[] {
    return [...this.#permits].flatMap(([id, { revokeVersion }]) => (revokeVersion === undefined ? [] : [id]));
  }

  /** Whether a broker ever had a lease. */
  knows(session: string): boolean {
    return this.#leases.has(session);
  }

  /** Lets a permit count. */
  issue(permitId: string, quotaPerDay: number, change: Buffer): bigint {
    this.#permits.set(permitId, { quotaPerDay, revokeVersion: undefined });
    return this.#append(change);
  }

  /** Revokes a permit once, and answers the version of that; undefined for one that is not here. */
  revoke(permitId: string, change: Buffer): bigint | undefined {
    const permit = this.#permits.get(permitId);
    if (permit === undefined) return undefined;
    permit.revokeVersion ??= this.#append(change);
    return permit.revokeVersion;
  }

  /** A copy of all, as a backup holds it. The brokers' last signs of life in it are too old to count. */
  copy(): MemoryStore {
    const copy = new MemoryStore(this.#nowMs, this.#maxChanges);
    copy.#incarnations = this.#incarnations;
    copy.head = this.head;
    copy.#log.push(...this.#log);
    for (const [id, permit] of this.#permits) copy.#permits.set(id, { ...permit });
    for (const [key, quota] of this.#quotas) copy.#quotas.set(key, { ...quota });
    for (const [id, reservation] of this.#reservations) copy.#reservations.set(id, { ...reservation });
    return copy;
  }

  async renewLease(installed: Installed): Promise<Authority | undefined> {
    const { head } = this;
    const isHead =
      installed.incarnation === head.incarnation &&
      installed.version === head.version &&
      installed.digest.equals(head.digest);
    return isHead ? this.lease(installed.session, head) : undefined;
  }

  /** Notes that a broker has shown a version, and answers with that version. */
  lease(session: string, { incarnation, version }: Omit<Head, 'digest'>): Authority {
    this.#leases.set(session, { version, seenMs: this.#nowMs() });
    return { incarnation, version, brokers: this.#seen().length, now: new Date(this.#nowMs()) };
  }

  async changesAfter(
    installed: Pick<Installed, 'incarnation' | 'version'>,
  ): Promise<Authority & { changes: Buffer[] }> {
    const { incarnation, version } = this.head;
    const from = installed.incarnation === incarnation ? Number(installed.version) : 0;
    const changes = this.#log.slice(from, from + this.#maxChanges);
    return { incarnation, version, brokers: this.#seen().length, now: new Date(this.#nowMs()), changes };
  }

  async countBrokers(version: bigint, seenMs: number = SEEN_MS): Promise<{ current: number; behind: number }> {
    const seen = this.#seen(seenMs);
    const current = seen.filter((lease) => lease.version >= version).length;
    return { current, behind: seen.length - current };
  }

  async reserveQuota({ reservationId, permitId, day, needed }: Wish): Promise<Reserved> {
    const permit = this.#permits.get(permitId);
    if (permit === undefined) throw new MeshError('PERMIT_NOT_FOUND');
    if (permit.revokeVersion !== undefined) throw new MeshError('PERMIT_REVOKED');
    const limit = permit.quotaPerDay;
    const quota = this.quotaOf(permitId, day, limit);
    const earlier = this.#reservations.get(reservationId);
    if (earlier !== undefined) {
      const same = earlier.permitId === permitId && earlier.day === day && earlier.returned === undefined;
      if (!same) throw new MeshError('REQUEST_ID_REUSED');
      return { rows: earlier.rows, left: limit - quota.reserved };
    }
    const rows = chunkRows({ limit, reserved: quota.reserved, needed, brokers: this.#seen().length });
    if (rows > 0) this.#reservations.set(reservationId, { permitId, day, rows, returned: undefined });
    quota.reserved += rows;
    return { rows, left: limit - quota.reserved };
  }

  async returnQuota(reservationId: string, rows: number): Promise<void> {
    const reservation = this.#reservations.get(reservationId);
    if (reservation?.returned !== undefined) return;
    if (reservation === undefined || reservation.rows < rows) {
      const description = reservation ? 'is more than was reserved' : 'is not known';
      throw new MeshError('REQUEST_INVALID', {
        violations: [{ field: reservation ? 'rows' : 'reservation_id', description }],
      });
    }
    reservation.returned = rows;
    this.quotaOf(reservation.permitId, reservation.day, 0).reserved -= rows;
  }

  async confirmRestored(): Promise<void> {
    this.beginIncarnation();
    for (const reservation of this.#reservations.values()) reservation.returned ??= 0;
    const today = dayNumber(this.#nowMs());
    for (const [permitId, { quotaPerDay }] of this.#permits) {
      for (const day of [today - 1, today, today + 1]) {
        const quota = this.quotaOf(permitId, dayText(day), quotaPerDay);
        quota.limit = quotaPerDay;
        quota.reserved = quotaPerDay;
      }
    }
  }

  /** Becomes a new incarnation, with the quota as it is. */
  beginIncarnation(): void {
    this.#incarnations += 1;
    // Told apart from another copy of the same backup by the time.
    this.head = { ...this.head, incarnation: `incarnation-${this.#incarnations}-${this.#nowMs()}` };
  }

  /** The quota of a permit's day ("YYYY-MM-DD"), made with `limit` when there is none. */
  quotaOf(permitId: string, day: string, limit: number): DayQuota {
    const key = `${permitId} ${day}`;
    let quota = this.#quotas.get(key);
    if (quota === undefined) {
      quota = { permitId, day, limit, reserved: 0 };
      this.#quotas.set(key, quota);
    }
    return quota;
  }

  /** The reservation of an id. */
  reservation(id: string): Readonly<Reservation> | undefined {
    return this.#reservations.get(id);
  }

  #append(change: Buffer): bigint {
    const { incarnation, version, digest } = this.head;
    this.#log.push(change);
    this.head = { incarnation, version: version + 1n, digest: nextDigest(digest, change) };
    return this.head.version;
  }

  #seen(withinMs: number = SEEN_MS): Lease[] {
    const sinceMs = this.#nowMs() - withinMs;
    return [...this.#leases.values()].filter(({ seenMs }) => seenMs > sinceMs);
  }
}
