// Read by grpc-js when it is first imported: its plain lines on standard error would stand between the results.
process.env.GRPC_VERBOSITY ??= 'NONE';

/** What the tests have started: process ids, and how to stop them in order. */
const started = new Map<number, () => Promise<void>>();

/** Registers a server that was started for the whole run; it is stopped after the last test, or killed if the run breaks off. */
export function onTestRunEnd(pid: number, stop: () => Promise<void>): void {
  started.set(pid, stop);
}

/** Mocha's root hooks. Nothing is started here: a run without databases pays nothing for them. */
export const mochaHooks = {
  async afterAll(): Promise<void> {
    await Promise.all([...started.values()].map((stop) => stop()));
    started.clear();
  },
};

process.once('exit', () => {
  for (const pid of started.keys()) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // gone already
    }
  }
});
