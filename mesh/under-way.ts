/**
 * What is under way, by key: a map whose entries come and go by the thousand a second, and hold nothing once they are gone.
 *
 * A Map makes its table anew every so many changes, and the old table points at the new one. A full collection moves the table of
 * the moment to the old generation. Dead soon after, it still counts as alive for scavenges, which do not look there, and so does
 * every table that follows, with all that ever was in one: each call was copied twice and stayed until the next full collection.
 * Scavenges of the register took 13 ms and take 4 to 6 since values lie in holders that are emptied; docs/decisions/0005.
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
    for (const { value } of this.#holders.values()) yield value as V;
  }
}
