import { parseArgs } from 'node:util';
import { type BenchOptions, printReport, type Report } from './report.ts';

/** The benches by name; each is a file that says which rows of the budgets (docs) it measures. */
const benches: Readonly<Record<string, () => Promise<{ run(options: BenchOptions): Promise<Report> }>>> = {
  path: () => import('./path.ts'),
  decide: () => import('./decide.ts'),
  audit: () => import('./audit.ts'),
  watch: () => import('./watch.ts'),
  import: () => import('./import.ts'),
  revoke: () => import('./revoke.ts'),
  flood: () => import('./flood.ts'),
  swap: () => import('./swap.ts'),
  peers: () => import('./peers.ts'),
};

const usage = `npm run bench -- [name ...] [--peers] [--rounds N] [--seconds N] [--json]

  names      ${Object.keys(benches).join(', ')}; default: path
  --peers    the same as the name peers: against Cerbos and Cedar, which it installs into a temporary folder
  --rounds   pairs of rounds, echo and full path in turn (default 5)
  --seconds  length of a round (default 3)
  --json     one JSON object for each bench instead of a table`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    peers: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const given = values.peers ? [...positionals, 'peers'] : positionals;
const names = given.length > 0 ? given : ['path'];
const unknown = names.filter((name) => !Object.hasOwn(benches, name));
if (values.help || unknown.length > 0) {
  console.log(unknown.length > 0 ? `There is no bench ${unknown.join(', ')}.\n\n${usage}` : usage);
  process.exit(unknown.length > 0 ? 2 : 0);
}
const options: BenchOptions = {
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  say: (line) => console.error(line),
};
for (const name of names) {
  const bench = await benches[name]?.();
  const report = await bench?.run(options);
  if (report !== undefined) console.log(values.json ? JSON.stringify(report) : `\n${printReport(report)}\n`);
}
process.exit(0);
