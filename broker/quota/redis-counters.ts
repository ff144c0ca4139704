import { createClient } from 'redis';
import type { Logger } from '#mesh/log.ts';
import type { CounterStore } from './counter-store.ts';

/** A Redis that does not answer for so long counts as away: callers near a limit wait for it. */
const ANSWER_WITHIN_MS = 100;

/** Counters on Redis, one pipeline for all keys. Rejects when Redis is away or slow; reconnects by itself. */
export class RedisCounters implements CounterStore {
  readonly #client: ReturnType<typeof createClient>;

  /** Starts to connect. */
  constructor(redisUrl: string, log: Pick<Logger, 'warn'>) {
    // Without the offline queue a command fails at once while Redis is away, instead of waiting for its return.
    this.#client = createClient({ url: redisUrl, disableOfflineQueue: true }) as ReturnType<typeof createClient>;
    let reported = false;
    this.#client.on('error', (err: Error) => {
      if (!reported) log.warn({ err }, 'redis is away; short-term limits are kept by each broker for its share');
      reported = true;
    });
    this.#client.on('ready', () => {
      reported = false;
    });
    this.#client.connect().catch(() => {}); // retried for ever; rejects only when closed
  }

  async add(amounts: ReadonlyMap<string, number>, ttlMs: number): Promise<ReadonlyMap<string, number>> {
    const pipeline = this.#client.multi();
    for (const [key, amount] of amounts) pipeline.incrBy(key, amount).pExpire(key, ttlMs);
    const answers = await within(ANSWER_WITHIN_MS, pipeline.execAsPipeline());
    return new Map([...amounts.keys()].map((key, index) => [key, totalOf(answers[2 * index])]));
  }

  /** Closes the connection at once. */
  close(): void {
    this.#client.destroy();
  }
}

/** A key that holds no count answers with an error in the place of one: that is no store. */
function totalOf(answer: unknown): number {
  const total = Number(answer);
  if (!Number.isSafeInteger(total)) throw new Error('redis did not answer with a count');
  return total;
}

async function within<T>(limitMs: number, answer: Promise<T>): Promise<T> {
  let timeout: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timeout = setTimeout(() => reject(new Error(`redis did not answer within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timeout);
  }
}
