/**
 * What is under way, by key: a map whose entries come and go by the thousand a second, and hold nothing once they are gone.
 *
 * A Map makes its table anew every so many entries. V8 keeps each table that was alive at a full collection, and through it the
 * whole chain of its successors with whatever was in them, until the next full collection: nearly every call that was ever
 * under way survived two scavenges for nothing. Scavenges of the broker took 25 to 37 ms, a quarter of its CPU; see
 * docs/decisions/0005. So a value lies in a holder, which is emptied when the value is taken out.
 */
export class UnderWay<K, V> {
  readonly #holders = new Map<K, { value: V | undefined }>();

  /** How many are under way. */
  get size(): number {
    return this.#holders.size;
  }

  /** Puts a value under a key that has none. */
  set(key: K, value: V): void {
    this.#holders.set(key, { value });
  }

  /** The value of a key; undefined when there is none. */
  get(key: K): V | undefined {
    return this.#holders.get(key)?.value;
  }

  /** Takes the value of a key out; undefined when there is none. */
  take(key: K): V | undefined {
    const holder = this.#holders.get(key);
    if (holder === undefined) return undefined;
    this.#holders.delete(key);
    const { value } = holder;
    holder.value = undefined;
    return value;
  }

  /** All keys, oldest first. */
  keys(): IterableIterator<K> {
    return this.#holders.keys();
  }

  /** All values, oldest first. */
  *values(): Generator<V> {
    for (const { value } of this.#holders.values()) if (value !== undefined) yield value;
  }
}
