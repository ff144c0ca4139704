import { accessSync, constants, readFileSync } from 'node:fs';

/** One environment variable: its name, and how its text becomes a value. `read` throws a ConfigFault that says what is wrong. */
export interface Setting<T> {
  readonly variable: string;
  read(text: string | undefined): T;
}

/** The settings of a process, grouped as the process wants to use them. */
export interface Spec {
  readonly [name: string]: Setting<unknown> | Spec;
}

/** The frozen values that a Spec reads. */
export type ConfigOf<S> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : ConfigOf<S[K]>;
};

/** Everything that is wrong with the environment, one line for each variable. Values never appear: a URL may hold a password. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`configuration: ${faults.join('; ')}`);
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

class ConfigFault extends Error {}

/**
 * Reads all settings of `spec` from the environment into one frozen object.
 * Throws one ConfigError that lists every fault, so that an operator mends them in one go.
 */
export function readConfig<S extends Spec>(spec: S, env: NodeJS.ProcessEnv = process.env): ConfigOf<S> {
  const faults: string[] = [];
  const config = readGroup(spec, env, faults);
  if (faults.length > 0) throw new ConfigError(faults);
  return config as ConfigOf<S>;
}

function readGroup(spec: Spec, env: NodeJS.ProcessEnv, faults: string[]): Readonly<Record<string, unknown>> {
  const group: Record<string, unknown> = {};
  for (const [name, entry] of Object.entries(spec)) {
    if (!isSetting(entry)) {
      group[name] = readGroup(entry, env, faults);
      continue;
    }
    try {
      group[name] = entry.read(env[entry.variable] || undefined);
    } catch (error) {
      if (!(error instanceof ConfigFault)) throw error;
      faults.push(`${entry.variable} ${error.message}`);
    }
  }
  return Object.freeze(group);
}

function isSetting(entry: Setting<unknown> | Spec): entry is Setting<unknown> {
  return typeof entry.read === 'function';
}

/** A setting from a parser of text; without a default the variable must be set. */
function setting<T>(variable: string, parse: (text: string) => T, fallback?: T): Setting<T> {
  return {
    variable,
    read(text) {
      if (text !== undefined) return parse(text);
      if (fallback !== undefined) return fallback;
      throw new ConfigFault('is not set');
    },
  };
}

/** The same setting, `undefined` when the variable is not set. */
export function optional<T>(required: Setting<T>): Setting<T | undefined> {
  return { variable: required.variable, read: (text) => (text === undefined ? undefined : required.read(text)) };
}

/** Any text that is not empty. */
export function text(variable: string, options: { default?: string } = {}): Setting<string> {
  return setting(variable, (value) => value, options.default);
}

/** One of a closed list of words. */
export function choice<T extends string>(
  variable: string,
  words: readonly T[],
  options: { default?: T } = {},
): Setting<T> {
  const parse = (value: string) => {
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) throw new ConfigFault(`must be one of ${words.join(', ')}`);
    return word;
  };
  return setting(variable, parse, options.default);
}

/** A number between `min` and `max`, both included. */
export function number(
  variable: string,
  options: { default?: number; min?: number; max?: number } = {},
): Setting<number> {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = options;
  const parse = (value: string) => {
    const parsed = Number(value);
    if (!Number.isFinite(parsed) || parsed < min || parsed > max)
      throw new ConfigFault(`must be a number from ${min} to ${max}`);
    return parsed;
  };
  return setting(variable, parse, options.default);
}

/** `host:port`, IPv6 hosts in brackets; port 0 lets the system choose. */
export function address(variable: string, options: { default?: string } = {}): Setting<string> {
  const parse = (value: string) => {
    const port = /^(?:\[[0-9a-fA-F:.]+\]|[^\s:/@]+):(\d{1,5})$/.exec(value)?.[1];
    if (port === undefined || Number(port) > 65_535) throw new ConfigFault('must be host:port');
    return value;
  };
  return setting(variable, parse, options.default);
}

/** A URL with one of the given protocols, written as `postgres:`. */
export function url(variable: string, ...protocols: string[]): Setting<string> {
  return setting(variable, (value) => {
    const protocol = URL.canParse(value) ? new URL(value).protocol : '';
    if (!protocols.includes(protocol))
      throw new ConfigFault(`must be a URL that starts with ${protocols.join(' or ')}`);
    return value;
  });
}

/** The name of a file that this process can read. */
export function file(variable: string): Setting<string> {
  return setting(variable, (name) => {
    readable(() => accessSync(name, constants.R_OK));
    return name;
  });
}

/** The bytes of a key that lies in a file as base64. */
export function keyFile(variable: string, lengthBytes: number): Setting<Buffer> {
  return setting(variable, (name) => {
    const [key, ...others] = readKeys(name, lengthBytes);
    if (others.length > 0) throw new ConfigFault(`must name a file with one key`);
    return key;
  });
}

/** The keys of a file, one a line, each of `lengthBytes` bytes in base64; at least one. */
export function keysFile(variable: string, lengthBytes: number): Setting<[Buffer, ...Buffer[]]> {
  return setting(variable, (name) => readKeys(name, lengthBytes));
}

function readKeys(name: string, lengthBytes: number): [Buffer, ...Buffer[]] {
  const lines = readable(() => readFileSync(name, 'utf8'))
    .trim()
    .split(/\s+/);
  const [first, ...others] = lines.map((line) => Buffer.from(line, 'base64'));
  if (!first || [first, ...others].some((key) => key.length !== lengthBytes))
    throw new ConfigFault(`must name a file with ${lengthBytes} bytes in base64`);
  return [first, ...others];
}

function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new ConfigFault(`names a file that cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** Log levels, least talkative first. */
export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

/** What every process of the mesh needs; a process spreads it into its own spec. */
export const processSpec = {
  listen: address('RANGKIANG_LISTEN'),
  healthListen: address('RANGKIANG_HEALTH_LISTEN'),
  tls: { ca: file('RANGKIANG_TLS_CA'), cert: file('RANGKIANG_TLS_CERT'), key: file('RANGKIANG_TLS_KEY') },
  redisUrl: url('REDIS_URL', 'redis:', 'rediss:'),
  logLevel: choice('RANGKIANG_LOG_LEVEL', logLevels, { default: 'info' }),
  /** Share of calls that are traced, from 0 to 1. */
  traceRatio: number('RANGKIANG_TRACE_RATIO', { default: 0.01, min: 0, max: 1 }),
};
