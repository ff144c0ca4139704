interface Event {
  readonly atMs: number;
  readonly order: number;
  run: (() => void) | undefined;
}

/** Asked from a promise's continuation, resolves once no other is left to run: Node's next tick comes when the queue of microtasks is empty. */
function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/**
 * Virtual time. Events run one by one in the order of their time, and time goes on only when everything that an event set
 * off has come to rest, so that code with promises runs the same way each time.
 */
export class Scheduler {
  nowMs = 0;
  #order = 0;
  /** A binary heap, the earliest event first. */
  readonly #heap: Event[] = [];

  /** Calls `run` once after `delayMs` of true time; the answer cancels it. */
  after(delayMs: number, run: () => void): () => void {
    const event: Event = { atMs: this.nowMs + Math.max(0, delayMs), order: this.#order, run };
    this.#order += 1;
    this.#push(event);
    return () => {
      event.run = undefined;
    };
  }

  /** Runs until `untilMs`, or until `stop` says so after an event. */
  async run(untilMs: number, stop: () => boolean): Promise<void> {
    await settled(); // from here on we are in a continuation
    for (let event = this.#pop(); event !== undefined && event.atMs <= untilMs; event = this.#pop()) {
      if (event.run === undefined) continue;
      this.nowMs = event.atMs;
      event.run();
      await settled();
      if (stop()) return;
    }
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt] as Event;
      if (!isBefore(event, parent)) break;
      heap[at] = parent;
      at = parentAt;
    }
    heap[at] = event;
  }

  #pop(): Event | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let childAt = 2 * at + 1;
      if (childAt >= heap.length) break;
      if (childAt + 1 < heap.length && isBefore(heap[childAt + 1] as Event, heap[childAt] as Event)) childAt += 1;
      const child = heap[childAt] as Event;
      if (!isBefore(child, last)) break;
      heap[at] = child;
      at = childAt;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
