/** A monotonic clock; tests and simulations bring their own. */
export interface Clock {
  nowMs(): number;
  sleep(ms: number): Promise<void>;
}

/** Brokers seen lately that show a version, and those that do not. */
export interface Standing {
  readonly current: number;
  readonly behind: number;
}

/** A lease lasts so long from before it was asked for. */
export const LEASE_MS = 3_000;
// Every lease on the old policy was asked for before the new one was committed, so it is over 3,000 ms later; 100 ms
// pay for clocks that do not run equally fast.
const LAPSE_MS = LEASE_MS + 100;
// A broker that the bell wakes has installed and renewed after some 10 ms; a look costs 1 ms.
const POLL_MS = 4;

/**
 * Waits until nobody acts on an older policy: every broker seen lately shows the new one, or so much time has passed
 * since this wait began that every older lease is over. Begin it after the change is committed.
 */
export async function awaitBrokers(standing: () => Promise<Standing>, clock: Clock): Promise<Standing> {
  const startedMs = clock.nowMs();
  for (;;) {
    const waitedMs = clock.nowMs() - startedMs;
    const now = await standing();
    if (now.behind === 0 || waitedMs >= LAPSE_MS) return now;
    await clock.sleep(POLL_MS);
  }
}
