import { processSpec, readConfig } from '#mesh/config.ts';
import { runProcess, type Starting } from '#mesh/lifecycle.ts';
import { counter, durationMs } from '#mesh/telemetry.ts';
import { startStep } from '#mesh/trace.ts';

const calls = counter('rangkiang.test.calls', 'Calls that the test made');
const took = durationMs('rangkiang.test.duration', 'How long they took');

/** A process that does one thing, named by its first argument, for tests of what every process does. */
const behaviours: Record<string, (starting: Starting) => Promise<void>> = {
  async serve({ log, onStop }) {
    onStop(async () => log.info('closing the database'));
    onStop(() => Promise.reject(new Error('the listener was gone already')));
    onStop(async () => log.info('draining'));
  },
  async failToStart({ log, onStop }) {
    onStop(async () => log.info('undone'));
    throw new Error('the port is taken');
  },
  async lackConfiguration() {
    readConfig(processSpec);
  },
  async failLater() {
    setImmediate(() => Promise.reject(new Error('forgotten')));
  },
  async neverStop({ log, onStop }) {
    onStop(() => {
      log.info('waiting for ever');
      return new Promise(() => {});
    });
  },
  async measure() {
    calls(2, { method: '/rangkiang.test/Ask' });
    took(12, { method: '/rangkiang.test/Ask' });
    startStep('ask', 'SERVER', `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`).end({ opd: 'DKK' });
    setImmediate(() => process.kill(process.pid, 'SIGTERM'));
  },
};

const behaviour = behaviours[process.argv[2] ?? ''];
if (behaviour === undefined) throw new Error(`one of ${Object.keys(behaviours).join(', ')}`);
setInterval(() => {}, 60_000); // what a listening socket does in a real process: it does not end by itself
await runProcess('small', behaviour);
