import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Target } from './connection.ts';
import type { Order, Run } from './generator.ts';

/** A load generator in a process of its own. */
export class Generator {
  readonly #child: ChildProcess;
  /** Rejects when it ends. */
  readonly #stopped: Promise<never>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#stopped = once(child, 'exit').then(([code]) => {
      throw new Error(`the load generator stopped with code ${code}`);
    });
    this.#stopped.catch(() => undefined);
  }

  /** Starts one with a connection to each target; rejects when one cannot be made. */
  static async start(targets: readonly Target[]): Promise<Generator> {
    const generator = new Generator(fork(new URL('generator.ts', import.meta.url)));
    await generator.#ask({ connect: targets });
    return generator;
  }

  /**
   * Keeps `inFlight` calls in flight, split evenly over the connections, and measures.
   * Throws when an answer was not OK: a ratio with failures in it says nothing.
   */
  async run(inFlight: number, seconds: number): Promise<Run> {
    const run = await this.flood(inFlight, seconds);
    const failures = Object.entries(run.failures).map(([status, count]) => `${count} with gRPC status ${status}`);
    if (failures.length > 0) throw new Error(`${run.answers} answers were OK, but ${failures.join(', ')}`);
    return run;
  }

  /** The same where answers other than OK are what is expected: they are counted. */
  async flood(inFlight: number, seconds: number): Promise<Run> {
    return (await this.#ask({ inFlight, seconds })) as Run;
  }

  /** Ends it. */
  close(): void {
    this.#child.disconnect();
  }

  async #ask(order: Order): Promise<unknown> {
    this.#child.send(order);
    const [answer] = await Promise.race([once(this.#child, 'message'), this.#stopped]);
    return answer;
  }
}
