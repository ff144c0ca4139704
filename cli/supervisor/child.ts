import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
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
   * Starts the process and waits until it serves. Throws a failure that names the log when it ends before, or does
   * not serve in time. Does nothing but wait when it is already wanted.
   */
  async start(): Promise<void> {
    const wanted = this.#wanted ?? new AbortController();
    const first = this.#wanted === undefined;
    this.#wanted = wanted;
    if (first) this.#spawn();
    const died = new AbortController();
    if (first) this.#process?.once('exit', () => died.abort());
    const signal = AbortSignal.any([wanted.signal, died.signal, AbortSignal.timeout(startPatienceMs)]);
    try {
      await untilServing(this.plan.health, signal);
    } catch (cause) {
      if (first) await this.stop();
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
    const running = this.#process;
    if (!running) return;
    const exited = once(running, 'exit');
    running.kill('SIGTERM');
    const impatience = setTimeout(() => running.kill('SIGKILL'), this.#stopPatienceMs);
    await exited;
    clearTimeout(impatience);
  }

  #spawn(): void {
    mkdirSync(dirname(this.#logFile), { recursive: true });
    const log = openSync(this.#logFile, 'a', 0o600);
    // A process group of its own: Ctrl-C in a terminal reaches it only through us, in order.
    const child = spawn(process.execPath, ['--import', preload, this.plan.entry], {
      env: { ...process.env, ...this.plan.env },
      stdio: ['ignore', log, log, 'ipc'],
      detached: true,
    });
    closeSync(log);
    this.#process = child;
    this.#startedAtMs = performance.now();
    child.once('exit', () => {
      this.#process = undefined;
      if (this.#wanted) void this.#revive(this.#wanted.signal);
    });
    this.#onChange('started');
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
