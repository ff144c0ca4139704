import type { Context } from 'mocha';

// Read by grpc-js when it is first imported: its plain lines on standard error would stand between the results.
process.env.GRPC_VERBOSITY ??= 'NONE';

/** What the tests have started: process ids, and how to stop them in order. */
const started = new Map<number, () => Promise<void>>();

/** Registers a server that was started for the whole run; it is stopped after the last test, or killed if the run breaks off. */
export function onTestRunEnd(pid: number, stop: () => Promise<void>): void {
  started.set(pid, stop);
}

// Mocha 12 cannot print a difference of errors that hold a bigint: it throws while it reports, nothing runs on, and a red run would
// end with 0. Where a run comes to its end, mocha's own exit code takes the place of this one.
process.exitCode = 1;
let running = 'before the first test';
let isOver = false;

/** Mocha's root hooks. Nothing is started here: a run without databases pays nothing for them. */
export const mochaHooks = {
  beforeEach(this: Context): void {
    running = this.currentTest?.fullTitle() ?? '';
  },
  async afterAll(): Promise<void> {
    await Promise.all([...started.values()].map((stop) => stop()));
    started.clear();
    isOver = true;
  },
};

process.once('exit', () => {
  if (!isOver) console.error(`\nThe tests broke off in "${running}": it failed, or its process ended.`);
  for (const pid of started.keys()) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // gone already
    }
  }
});
