import { randomUUID } from 'node:crypto';
import type { ReserveQuotaRequest, ReserveQuotaResponse, ReturnQuotaRequest } from '#gen/rangkiang/permit/v1/policy.ts';
import { Chunk, type Reserved } from './chunk.ts';
import { dayText } from './day.ts';

/** Reservations with the permit service. */
export interface QuotaService {
  reserve(request: ReserveQuotaRequest): Promise<ReserveQuotaResponse>;
  giveBack(request: ReturnQuotaRequest): Promise<unknown>;
}

/** The rows of one permit and day that this broker has reserved with the permit service. */
export class DayChunk {
  readonly day: number;
  readonly #permitId: string;
  readonly #service: QuotaService;
  readonly #chunk: Chunk;
  readonly #reservations: { readonly reservationId: string; readonly rows: number }[] = [];
  /** Sent, but its answer is not known. It is sent again unchanged, which does not reserve twice. */
  #unanswered: ReserveQuotaRequest | undefined;

  constructor(permitId: string, day: number, service: QuotaService, monoMs: () => number) {
    this.#permitId = permitId;
    this.day = day;
    this.#service = service;
    this.#chunk = new Chunk((rows) => this.#reserve(rows), monoMs);
  }

  /** Takes rows; false when the day has not so many left. Rejects when reserving fails. */
  take(rows: number): boolean | Promise<boolean> {
    return this.#chunk.take(rows);
  }

  /** Puts back rows that were taken and not used. */
  refund(rows: number): void {
    this.#chunk.refund(rows);
  }

  /** Gives back to the service what is left, once nobody waits. What it does not take is lost for the day. */
  async close(): Promise<void> {
    let rest = await this.#chunk.empty();
    const back: ReturnQuotaRequest[] = [];
    for (const { reservationId, rows: reserved } of this.#reservations.splice(0)) {
      const rows = Math.min(rest, reserved);
      rest -= rows;
      if (rows > 0) back.push({ reservationId, rows });
    }
    await Promise.allSettled(back.map((request) => this.#service.giveBack(request)));
  }

  async #reserve(rowsNeeded: number): Promise<Reserved> {
    const request = { reservationId: randomUUID(), permitId: this.#permitId, day: dayText(this.day), rowsNeeded };
    this.#unanswered ??= request;
    const { reservationId } = this.#unanswered;
    const { rows, rowsLeft } = await this.#service.reserve(this.#unanswered);
    this.#unanswered = undefined;
    if (rows > 0) this.#reservations.push({ reservationId, rows });
    return { amount: rows, left: rowsLeft };
  }
}
