import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { keptMemory } from '../embedded/kept-memory.ts';
import { CliFailure } from '../failure.ts';
import { untilServing } from './health.ts';
import type { ProcessPlan } from './process-table.ts';

const firstBackoffMs = 100;
const longestBackoffMs = 5_000;
/** A process that ran for this long was well: its next restart does not wait long. */
const wellAfterMs = 10_000;
/** A process drains for at most 10 s (mesh/lifecycle); then it is killed. */
const usualStopPatienceMs = 15_000;
/** The first start of a service applies its migrations. */
const startPatienceMs = 60_000;

const preload = join(import.meta.dirname, 'leave-with-parent.ts');

/** One process of the mesh: started, started again when it dies, stopped when told. */
export class Child {
  readonly plan: ProcessPlan;
  readonly #logFile: string;
  readonly #stopPatienceMs: number;
  readonly #onChange: (event: 'started' | 'died') => void;
  #process: ChildProcess | undefined;
  #startedAtMs = 0;
  #backoffMs = firstBackoffMs;
  /** Until it has served once, its end is a failed start and not to be mended by another. */
  #hasServed = false;
  /** Ends the waiting of whoever wants the process to live. */
  #wanted: AbortController | undefined;

  /** `onChange` is told when a process was started and when one died that should live. */
  constructor(
    plan: ProcessPlan,
    logFile: string,
    onChange: (event: 'started' | 'died') => void,
    stopPatienceMs = usualStopPatienceMs,
  ) {
    this.#stopPatienceMs = stopPatienceMs;
    this.plan = plan;
    this.#logFile = logFile;
    this.#onChange = onChange;
  }

  /** Process id, or 0 while none runs. */
  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /**
   * Starts the process and waits until it serves. Throws a failure that names the log when it ends before, or does not
   * serve in time. When it is already meant to run, only waits.
   */
  async start(): Promise<void> {
    if (this.#wanted) return this.#untilServing(this.#wanted.signal);
    const wanted = new AbortController();
    this.#wanted = wanted;
    this.#spawn().once('exit', () => {
      if (!this.#hasServed) wanted.abort();
    });
    try {
      await this.#untilServing(wanted.signal);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async #untilServing(signal: AbortSignal): Promise<void> {
    try {
      await untilServing(this.plan.health, AbortSignal.any([signal, AbortSignal.timeout(startPatienceMs)]));
      this.#hasServed = true;
    } catch (cause) {
      throw new CliFailure(
        {
          id: `${this.plan.name} tidak mau jalan. Sebabnya ada di ${this.#logFile}`,
          en: `${this.plan.name} does not start. Its log says why: ${this.#logFile}`,
        },
        1,
        { cause },
      );
    }
  }

  /** Stops the process, by force when it takes too long, and keeps it stopped. */
  async stop(): Promise<void> {
    this.#wanted?.abort();
    this.#wanted = undefined;
    this.#hasServed = false;
    const running = this.#process;
    if (!running) return;
    const exited = once(running, 'exit');
    running.kill('SIGTERM');
    const impatience = setTimeout(() => running.kill('SIGKILL'), this.#stopPatienceMs);
    await exited;
    clearTimeout(impatience);
  }

  #spawn(): ChildProcess {
    mkdirSync(dirname(this.#logFile), { recursive: true });
    const log = openSync(this.#logFile, 'a', 0o600);
    // A process group of its own: Ctrl-C in a terminal reaches it only through us, in order.
    const child = spawn(process.execPath, ['--import', preload, this.plan.entry], {
      env: { ...keptMemory, ...process.env, ...this.plan.env },
      stdio: ['ignore', log, log, 'ipc'],
      detached: true,
    });
    closeSync(log);
    this.#process = child;
    this.#startedAtMs = performance.now();
    child.once('exit', () => {
      this.#process = undefined;
      if (this.#wanted && this.#hasServed) void this.#revive(this.#wanted.signal);
    });
    this.#onChange('started');
    return child;
  }

  async #revive(wanted: AbortSignal): Promise<void> {
    this.#onChange('died');
    if (performance.now() - this.#startedAtMs >= wellAfterMs) this.#backoffMs = firstBackoffMs;
    const waitMs = this.#backoffMs;
    this.#backoffMs = Math.min(2 * waitMs, longestBackoffMs);
    try {
      await delay(waitMs, undefined, { signal: wanted });
    } catch {
      return; // stopped meanwhile
    }
    this.#spawn();
  }
}
