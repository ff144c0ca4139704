import { type Logger, pino } from 'pino';
import { logLevels } from '#mesh/config.ts';

export type { Logger } from 'pino';

/**
 * A logger that writes JSON lines to standard output. Lines that belong to a call carry its `traceId`; errors go under `err`.
 * An unknown level counts as `info`: the logger must be there to report that the configuration is wrong.
 */
export function createLogger(name: string, level = process.env.RANGKIANG_LOG_LEVEL): Logger {
  const options = {
    name,
    level: logLevels.find((known) => known === level) ?? 'info',
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError },
  };
  // Synchronous: the lines before an exit are the ones that matter, and asynchronous ones may come out of order there.
  return pino(options, pino.destination({ dest: process.stdout.fd, sync: true }));
}

/** An error as it may be logged. */
interface ErrorDescription {
  type: string;
  message?: string;
  code?: string;
  reason?: string;
  constraint?: string;
  stack?: string[];
  cause?: ErrorDescription;
}

/**
 * What may be logged of an error. Postgres and parsers quote the row or text that they choked on, which may be a resident's,
 * so of their errors only codes and the place in the code are kept.
 */
export function describeError(error: unknown): ErrorDescription {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code, reason, constraint } = error as Error & { code?: unknown; reason?: unknown; constraint?: unknown };
  return {
    type: error.constructor.name,
    ...(!quotesData(error) && { message: error.message }),
    ...(isWord(code) && { code: String(code) }),
    ...(isWord(reason) && { reason: String(reason) }),
    ...(isWord(constraint) && { constraint: String(constraint) }),
    stack: framesOf(error),
    ...(error.cause !== undefined && { cause: describeError(error.cause) }),
  };
}

function quotesData(error: Error): boolean {
  return error instanceof SyntaxError || 'severity' in error;
}

function isWord(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && /^\w{1,60}$/.test(value));
}

/** The frames without the heading, which repeats the message. */
function framesOf(error: Error): string[] {
  return (error.stack ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '));
}
