import { randomUUID } from 'node:crypto';
import type { ReserveQuotaRequest, ReserveQuotaResponse, ReturnQuotaRequest } from '#gen/rangkiang/permit/v1/policy.ts';
import { dayText } from './day.ts';

/** Reservations with the permit service. */
export interface QuotaService {
  reserve(request: ReserveQuotaRequest): Promise<ReserveQuotaResponse>;
  giveBack(request: ReturnQuotaRequest): Promise<unknown>;
}

interface Waiting {
  readonly rows: number;
  readonly resolve: (granted: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** How long "too few rows are left" is believed; other brokers may give rows back. */
const BELIEVED_MS = 1_000;

/**
 * The rows of one permit and day that this broker has reserved and not yet used. At most one reservation is under way;
 * callers that need it wait in their order.
 */
export class DayChunk {
  readonly day: number;
  readonly #permitId: string;
  readonly #service: QuotaService;
  readonly #monoMs: () => number;
  #available = 0;
  readonly #reservations: { readonly reservationId: string; readonly rows: number }[] = [];
  readonly #waiting: Waiting[] = [];
  /** Runs exactly as long as somebody waits. */
  #serving: Promise<void> = Promise.resolve();
  /** Sent, but its answer is not known. It is sent again unchanged, which does not reserve twice. */
  #unanswered: ReserveQuotaRequest | undefined;
  #left = { rows: Number.POSITIVE_INFINITY, untilMs: 0 };

  constructor(permitId: string, day: number, service: QuotaService, monoMs: () => number) {
    this.#permitId = permitId;
    this.day = day;
    this.#service = service;
    this.#monoMs = monoMs;
  }

  /** Takes rows: at once when they are at hand. False when the day has not so many left. Rejects when reserving fails. */
  take(rows: number): boolean | Promise<boolean> {
    if (this.#waiting.length === 0) {
      const known = this.#takeKnown(rows);
      if (known !== undefined) return known;
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ rows, resolve, reject });
      if (this.#waiting.length === 1) this.#serving = this.#serve();
    });
  }

  /** Puts back rows that were taken and not used. */
  refund(rows: number): void {
    this.#available += rows;
  }

  /** Gives back to the service what is left, once nobody waits. What it does not take is lost for the day. */
  async close(): Promise<void> {
    await this.#serving;
    const back: ReturnQuotaRequest[] = [];
    for (const { reservationId, rows: reserved } of this.#reservations.splice(0)) {
      const rows = Math.min(this.#available, reserved);
      this.#available -= rows;
      if (rows > 0) back.push({ reservationId, rows });
    }
    await Promise.allSettled(back.map((request) => this.#service.giveBack(request)));
  }

  /** What can be said without asking the service; undefined when it must be asked. */
  #takeKnown(rows: number): boolean | undefined {
    if (rows <= this.#available) {
      this.#available -= rows;
      return true;
    }
    const missing = rows - this.#available;
    return missing > this.#left.rows && this.#monoMs() < this.#left.untilMs ? false : undefined;
  }

  async #serve(): Promise<void> {
    try {
      for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
        const known = this.#takeKnown(next.rows);
        if (known === undefined) {
          await this.#reserve(next.rows - this.#available);
          continue;
        }
        this.#waiting.shift();
        next.resolve(known);
      }
    } catch (error) {
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    }
  }

  async #reserve(rowsNeeded: number): Promise<void> {
    const day = dayText(this.day);
    this.#unanswered ??= { reservationId: randomUUID(), permitId: this.#permitId, day, rowsNeeded };
    const asked = this.#unanswered;
    const { rows, rowsLeft } = await this.#service.reserve(asked);
    this.#unanswered = undefined;
    if (rows > 0) {
      this.#available += rows;
      this.#reservations.push({ reservationId: asked.reservationId, rows });
    } else {
      const left = Math.min(rowsLeft, asked.rowsNeeded - 1);
      this.#left = { rows: left, untilMs: this.#monoMs() + BELIEVED_MS };
    }
  }
}
