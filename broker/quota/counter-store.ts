/** Counts that all brokers share. */
export interface CounterStore {
  /** Adds to each key and answers the totals by key. A key is forgotten `ttlMs` after it was last added to. */
  add(amounts: ReadonlyMap<string, number>, ttlMs: number): Promise<ReadonlyMap<string, number>>;
}

/** The key of an id's count in a window of time. Ids hold no personal data. */
export function counterKey(name: string, window: number, id: string): string {
  return `rangkiang:limit:${name}:${window}:${id}`;
}
