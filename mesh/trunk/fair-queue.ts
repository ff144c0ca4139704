/** Items that wait, taken round robin over their owners, so that one OPD's flood delays only itself. */
export class FairQueue<Item> {
  // A Map keeps its keys in the order of insertion: taking an owner's item moves the owner to the end.
  readonly #owners = new Map<string, Item[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(owner: string, item: Item): void {
    const items = this.#owners.get(owner);
    if (items) items.push(item);
    else this.#owners.set(owner, [item]);
    this.#size += 1;
  }

  /** The next item, or undefined when none waits. */
  take(): Item | undefined {
    const next = this.#owners.entries().next();
    if (next.done) return undefined;
    const [owner, items] = next.value;
    const item = items.shift();
    const isLast = items.length === 0;
    // Moving the only owner would change nothing but the table of the map, which is made anew every few moves.
    if (isLast || this.#owners.size > 1) this.#owners.delete(owner);
    if (!isLast) this.#owners.set(owner, items);
    this.#size -= 1;
    return item;
  }

  /** Takes out every item. */
  drain(): Item[] {
    const all = [...this.#owners.values()].flat();
    this.#owners.clear();
    this.#size = 0;
    return all;
  }
}
