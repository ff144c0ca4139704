import { parseArgs } from 'node:util';
import { type Finding, isAsExpected, toJson, toText } from './report.ts';
import { type SafeguardName, safeguards } from './safeguards.ts';
import { replay, search } from './search.ts';
import { simulate } from './simulate.ts';
import { Tally } from './tally.ts';

const SEEDS = 1_000;
/** Within so many seeds a missing safeguard must show; those that hide best show about once in 800. */
const SEEDS_WITHOUT = 10_000;
const LAST_LINES = 12;
const REDRAW_MS = 200;

const usage = `npm run sim -- [--seeds N] [--first N] [--break <safeguard> | all] [--seed N] [--json]

Lives through a city of brokers, permit services, Postgres and Redis for 32 virtual seconds a seed, with everything going wrong,
and looks for an answer that was released after its permit's revocation was acknowledged, and for a quota that was exceeded.

  --seeds N   how many seeds, from --first on (default ${SEEDS}; with --break ${SEEDS_WITHOUT})
  --first N   the first seed (default 1)
  --break S   takes a safeguard out: then a promise must be broken. "all" takes each out in turn
  --seed N    one seed, with every step
  --json      one JSON object for each search

Exit code 0 when no promise was broken, or with --break when one was; 1 otherwise; 2 for a wrong option.

Safeguards:
${Object.entries(safeguards)
  .map(([name, { text }]) => `  ${name.padEnd(17)} ${text}`)
  .join('\n')}`;

class UsageError extends Error {}

function readOptions() {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string' },
      first: { type: 'string', default: '1' },
      seed: { type: 'string' },
      break: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const whole = (name: string, text: string): number => {
    if (!/^[1-9]\d{0,14}$/.test(text)) throw new UsageError(`--${name} must be a whole number from 1 on`);
    return Number(text);
  };
  const name = values.break;
  if (name !== undefined && name !== 'all' && !Object.hasOwn(safeguards, name)) {
    throw new UsageError(`There is no safeguard ${name}.`);
  }
  if (name === 'all' && values.seed !== undefined) throw new UsageError('--seed wants one safeguard, not all');
  const all = Object.keys(safeguards) as SafeguardName[];
  return {
    searches: name === 'all' ? all : [name as SafeguardName | undefined],
    seeds: whole('seeds', values.seeds ?? String(name === undefined ? SEEDS : SEEDS_WITHOUT)),
    first: whole('first', values.first),
    seed: values.seed === undefined ? undefined : whole('seed', values.seed),
    json: values.json,
    help: values.help,
  };
}

/** Draws a line over itself on a terminal. */
function progressOf(seeds: number): { show: (tally: Tally) => void; wipe: () => void } {
  let shownMs = 0;
  const isTerminal = process.stderr.isTTY;
  return {
    show: (tally) => {
      if (!isTerminal || performance.now() - shownMs < REDRAW_MS) return;
      shownMs = performance.now();
      process.stderr.write(`\r\x1b[Kseeds ${tally.seeds} of ${seeds}, operations ${tally.operations}`);
    },
    wipe: () => {
      if (isTerminal) process.stderr.write('\r\x1b[K');
    },
  };
}

async function find(without: SafeguardName | undefined, first: number, seeds: number): Promise<Finding> {
  const progress = progressOf(seeds);
  const tally = await search({ first, seeds, without }, progress.show);
  progress.wipe();
  const [found] = tally.violated;
  return { without, tally, trace: found ? await replay(found, without, LAST_LINES) : [] };
}

async function show(without: SafeguardName | undefined, seed: number, json: boolean): Promise<Finding> {
  const tally = new Tally();
  const trace: string[] = [];
  tally.add(await simulate(seed, without, (line) => (json ? trace.push(line) : console.log(line))));
  return { without, tally, trace };
}

async function main(): Promise<number> {
  const { searches, seeds, first, seed, json, help } = readOptions();
  if (help) {
    console.log(usage);
    return 0;
  }
  let expected = true;
  for (const without of searches) {
    const finding = seed === undefined ? await find(without, first, seeds) : await show(without, seed, json);
    console.log(json ? JSON.stringify(toJson(finding)) : toText(finding));
    expected &&= isAsExpected(finding);
  }
  return expected ? 0 : 1;
}

// A reader that has seen enough (head, less) is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
try {
  process.exitCode = await main();
} catch (error) {
  const isUsage =
    error instanceof UsageError || String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS');
  if (!isUsage) throw error;
  console.error(`${(error as Error).message}\n\n${usage}`);
  process.exitCode = 2;
}
