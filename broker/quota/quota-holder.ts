import { MeshError } from '#mesh/errors.ts';
import { dayNumber } from './day.ts';
import { DayChunk, type QuotaService } from './day-chunk.ts';

/** Rows that a call was charged. */
export interface Debit {
  /** Puts back rows of this charge that were not used. */
  refund(rows: number): void;
}

/**
 * The daily quotas of permits as this broker holds them: in chunks reserved with the permit service, whose count is the only
 * one that matters. A broker that dies loses its chunks for the day, and nothing can make it grant more than it reserved.
 */
export class QuotaHolder {
  readonly #service: QuotaService;
  readonly #authorityMs: () => number;
  readonly #monoMs: () => number;
  readonly #chunks = new Map<string, DayChunk>();
  readonly #closing = new Set<Promise<void>>();

  /** `authorityMs` is the authority's clock, which says the day; `monoMs` never steps. */
  constructor(service: QuotaService, authorityMs: () => number, monoMs: () => number) {
    this.#service = service;
    this.#authorityMs = authorityMs;
    this.#monoMs = monoMs;
  }

  /**
   * Charges rows to the permit's day: at once when they are reserved, else after reserving more.
   * Throws, or rejects with, MeshError QUOTA_EXCEEDED, or the error of the permit service.
   */
  debit(permitId: string, rows: number): Debit | Promise<Debit> {
    const chunk = this.#chunkOf(permitId);
    const taken = chunk.take(rows);
    return typeof taken === 'boolean'
      ? debitOf(chunk, taken, rows)
      : taken.then((granted) => debitOf(chunk, granted, rows));
  }

  /** Gives back all that is left. To be called when no call is under way any more. */
  async close(): Promise<void> {
    for (const chunk of this.#chunks.values()) this.#close(chunk);
    this.#chunks.clear();
    await Promise.all(this.#closing);
  }

  #chunkOf(permitId: string): DayChunk {
    const day = dayNumber(this.#authorityMs());
    const chunk = this.#chunks.get(permitId);
    // A renewal can set the authority's time back by milliseconds; around midnight that does not open yesterday again.
    if (chunk !== undefined && chunk.day >= day) return chunk;
    if (chunk !== undefined) this.#close(chunk);
    const next = new DayChunk(permitId, day, this.#service, this.#monoMs);
    this.#chunks.set(permitId, next);
    return next;
  }

  #close(chunk: DayChunk): void {
    const closing = chunk.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

/** Bound to its chunk: what is put back after midnight never becomes a row of the new day. */
function debitOf(chunk: DayChunk, granted: boolean, rows: number): Debit {
  if (!granted) throw new MeshError('QUOTA_EXCEEDED');
  let charged = rows;
  return {
    refund: (unused) => {
      const back = Math.min(unused, charged);
      charged -= back;
      chunk.refund(back);
    },
  };
}
