import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';
import { ConfigError } from '#mesh/config.ts';
import { createLogger, type Logger } from '#mesh/log.ts';
import { startTelemetry } from '#mesh/telemetry.ts';

/** What a starting process is given. */
export interface Starting {
  log: Logger;
  /** Registers what undoes a step of the start; run in reverse order when the process ends. */
  onStop(stop: () => Promise<void>): void;
}

// Kubernetes kills 30 s after SIGTERM; `rangkiang up` waits 15 s.
const stopTimeoutMs = 10_000;

/**
 * Runs a process of the mesh: starts telemetry and then `start`, prints one JSON line with `"msg":"ready"`, and on SIGTERM or
 * SIGINT runs the stop functions, at most 10 s, and exits with 0. A second signal exits at once. A start that fails undoes
 * what it had begun and exits with 1; an error that nobody caught exits with 1 at once, since what follows it is unknown.
 */
export async function runProcess(name: string, start: (starting: Starting) => Promise<void>): Promise<void> {
  const log = createLogger(name);
  // grpc-js writes plain text to standard error; what matters of it reaches us as errors too.
  if (!process.env.GRPC_VERBOSITY) setLogVerbosity(logVerbosity.NONE);
  const stops: (() => Promise<void>)[] = [];
  let stopping = false;

  const end = async (exitCode: number) => {
    stopping = true;
    const finished = await within(stopTimeoutMs, stopAll(stops, log));
    if (!finished) log.error({ timeoutMs: stopTimeoutMs }, 'stopping took too long');
    process.exit(finished ? exitCode : 1);
  };
  const onSignal = (signal: NodeJS.Signals) => {
    log.info({ signal }, stopping ? 'ending at once' : 'stopping');
    if (stopping) process.exit(1);
    void end(0);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'unexpected error');
    process.exit(1);
  });

  try {
    stops.push(await startTelemetry(name));
    await start({ log, onStop: (stop) => stops.push(stop) });
  } catch (error) {
    if (stopping) return; // a signal came during the start and has pulled the ground from under it
    if (error instanceof ConfigError) log.fatal({ faults: error.faults }, 'the configuration is wrong');
    else log.fatal({ err: error }, 'the start failed');
    return end(1);
  }
  // Not a log entry: whoever started us waits for it, whatever the log level.
  const line = { level: 'info', time: new Date().toISOString(), pid: process.pid, name, msg: 'ready' };
  if (!stopping) process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Runs the stop functions, newest first; one that fails does not keep the others from running. */
async function stopAll(stops: (() => Promise<void>)[], log: Logger): Promise<void> {
  for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) {
    try {
      await stop();
    } catch (error) {
      log.error({ err: error }, 'a step of stopping failed');
    }
  }
}

async function within(timeoutMs: number, work: Promise<void>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, timeoutMs, false);
  const finished = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return finished;
}
