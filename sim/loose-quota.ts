import { dayNumber } from '../broker/quota/day.ts';
import { DayChunk, type QuotaService } from '../broker/quota/day-chunk.ts';
import type { Debit } from '../broker/quota/quota-holder.ts';

/** The broker's quota without one of its care: refunds that are not capped by the charge, or go to today's rows. */
export class LooseQuota {
  readonly #service: QuotaService;
  readonly #authorityMs: () => number;
  readonly #monoMs: () => number;
  readonly #loose: 'CAP' | 'DAY';
  readonly #chunks = new Map<string, DayChunk>();

  constructor(loose: 'CAP' | 'DAY', service: QuotaService, authorityMs: () => number, monoMs: () => number) {
    this.#loose = loose;
    this.#service = service;
    this.#authorityMs = authorityMs;
    this.#monoMs = monoMs;
  }

  async debit(permitId: string, rows: number): Promise<Debit> {
    const chunk = this.#chunkOf(permitId);
    if (!(await chunk.take(rows))) throw new Error('quota exceeded');
    let charged = rows;
    return {
      refund: (unused) => {
        const back = this.#loose === 'CAP' ? unused : Math.min(unused, charged);
        charged -= back;
        (this.#loose === 'DAY' ? this.#chunkOf(permitId) : chunk).refund(back);
      },
    };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#chunks.values()].map((chunk) => chunk.close()));
    this.#chunks.clear();
  }

  #chunkOf(permitId: string): DayChunk {
    const day = dayNumber(this.#authorityMs());
    let chunk = this.#chunks.get(permitId);
    if (chunk === undefined || chunk.day < day) {
      void chunk?.close();
      chunk = new DayChunk(permitId, day, this.#service, this.#monoMs);
      this.#chunks.set(permitId, chunk);
    }
    return chunk;
  }
}
