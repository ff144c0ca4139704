import { spawn } from 'node:child_process';
import { delimiter } from 'node:path';
import { root } from './programs.ts';

/** What must hold before a change is handed in, cheapest first; each is a command that prints why it fails. */
const checks: readonly (readonly [name: string, command: string])[] = [
  ['format and lint', 'biome check --error-on-warnings .'],
  ['types', 'tsc -p .'],
  ['contract: lint', 'buf lint'],
  ['contract: format', 'buf format --path proto/rangkiang --diff --exit-code'],
  ['contract: generated code', 'node scripts/gen.ts --check'],
  ['contract: no break since the release', 'buf breaking proto/gen/image.binpb --against proto/released.binpb'],
  ['import rule', 'mocha test/unit/import-rule.test.ts'],
  ['nothing unused', 'knip'],
];

interface Outcome {
  passed: boolean;
  output: string;
  elapsedMs: number;
}

function run(command: string): Promise<Outcome> {
  const startedMs = performance.now();
  const [program = '', ...words] = command.split(' ');
  const child = spawn(program, words, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: `${root}node_modules/.bin${delimiter}${process.env.PATH}` },
  });
  const output: Buffer[] = [];
  child.stdout.on('data', (bytes) => output.push(bytes));
  child.stderr.on('data', (bytes) => output.push(bytes));
  return new Promise((resolve) => {
    const end = (passed: boolean, last: string) =>
      resolve({ passed, output: Buffer.concat(output).toString() + last, elapsedMs: performance.now() - startedMs });
    child.once('error', (error) => end(false, error.message));
    child.once('close', (code) => end(code === 0, ''));
  });
}

let failed = 0;
for (const [name, command] of checks) {
  const { passed, output, elapsedMs } = await run(command);
  console.log(`${passed ? '✓' : '✗'} ${name.padEnd(38)} ${(elapsedMs / 1_000).toFixed(1).padStart(5)} s`);
  if (passed) continue;
  failed += 1;
  console.log(`  ${command}\n${output.replaceAll(/^/gm, '  ')}`);
}
console.log(`${checks.length - failed} checks passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
