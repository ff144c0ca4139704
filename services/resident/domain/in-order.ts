/**
 * Starts `work` on items as they arrive, at most `limit` at a time, and yields the results in the order of the items. When
 * the items fail, what was started is still yielded first; when work fails, the stream ends with its error at its turn.
 */
export async function* inOrder<T, R>(
  items: AsyncIterable<T>,
  limit: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const iterator = items[Symbol.asyncIterator]();
  const running: Promise<{ result: R }>[] = [];
  let next: Promise<Arrival<T>> | undefined = arrival(iterator);
  let failure: unknown;
  try {
    while (next || running.length > 0) {
      const awaited: Promise<Arrival<T> | { result: R }>[] = running.slice(0, 1);
      if (next && running.length < limit) awaited.push(next);
      const event = await Promise.race(awaited);
      if ('result' in event) {
        void running.shift();
        yield event.result;
      } else if ('item' in event) {
        const started = work(event.item).then((result) => ({ result }));
        started.catch(() => {}); // told when its turn comes
        running.push(started);
        next = arrival(iterator);
      } else {
        failure = event.failure;
        next = undefined;
      }
    }
    if (failure !== undefined) throw failure;
  } finally {
    // Not awaited: it waits for an item that may never come.
    iterator.return?.().catch(() => {});
  }
}

/** What comes next: an item, or the end with what caused it. */
type Arrival<T> = { item: T } | { failure: unknown };

function arrival<T>(iterator: AsyncIterator<T>): Promise<Arrival<T>> {
  return iterator.next().then(
    ({ done, value }) => (done ? { failure: undefined } : { item: value }),
    (failure: unknown) => ({ failure }),
  );
}
