import { randomUUID } from 'node:crypto';
import { createClient } from 'redis';
import type { Logger } from '#mesh/log.ts';

/**
 * Tells other processes that something changed, never what: the truth lies in Postgres, and everybody also looks there by
 * the clock. So a bell may be lost. Nothing here throws, and a lost connection comes back by itself; listeners are then
 * called once, since a bell may have rung meanwhile.
 */
export class Bell {
  /** Tells our own rings from those of others: who rings knows already. */
  readonly #id = randomUUID();
  readonly #publisher: ReturnType<typeof createClient>;
  readonly #subscriber: ReturnType<typeof createClient>;
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #log: Logger;

  /** Starts to connect; a bell is usable at once. */
  constructor(redisUrl: string, log: Logger) {
    this.#log = log;
    // A ring during an outage is dropped, instead of thousands arriving after it; a subscription waits.
    this.#publisher = this.#open(redisUrl, { disableOfflineQueue: true });
    this.#subscriber = this.#open(redisUrl, { disableOfflineQueue: false });
    this.#subscriber.on('ready', () => this.#callAll());
  }

  /** Rings on a channel, if Redis can be reached now. */
  ring(channel: string): void {
    this.#publisher.publish(channel, this.#id).catch(() => {}); // the connection's own error is logged once, below
  }

  /** Calls `listener` for every ring of others on the channel, and after each (re)connection. */
  on(channel: string, listener: () => void): void {
    const listeners = this.#listeners.get(channel) ?? new Set();
    listeners.add(listener);
    if (listeners.size > 1) return;
    this.#listeners.set(channel, listeners);
    const heard = (ringer: string) => {
      if (ringer !== this.#id) this.#call(channel);
    };
    this.#subscriber.subscribe(channel, heard).catch(() => {}); // node-redis subscribes again when it reconnects
  }

  /** Closes both connections at once; nothing is called afterwards. */
  close(): void {
    this.#listeners.clear();
    this.#publisher.destroy();
    this.#subscriber.destroy();
  }

  #call(channel: string): void {
    for (const listener of this.#listeners.get(channel) ?? []) listener();
  }

  #callAll(): void {
    for (const channel of this.#listeners.keys()) this.#call(channel);
  }

  #open(url: string, options: { disableOfflineQueue: boolean }): ReturnType<typeof createClient> {
    const client = createClient({ url, ...options });
    let reported = false;
    client.on('error', (error: Error) => {
      if (!reported) this.#log.warn({ err: error }, 'redis is away; bells are lost until it is back');
      reported = true;
    });
    client.on('ready', () => {
      if (reported) this.#log.info('redis is back');
      reported = false;
    });
    client.connect().catch(() => {}); // retried by the client for ever; it rejects only when closed
    return client as ReturnType<typeof createClient>;
  }
}
