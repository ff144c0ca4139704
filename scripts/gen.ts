import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { committed, differences, generate, generatedFolder } from './generated.ts';
import { root } from './programs.ts';

// `npm run gen` brings proto/gen up to date; with --check it only says what would change, and fails if anything would.
const checkOnly = process.argv.includes('--check');
const fresh = generate();
const changed = differences(fresh, committed());

// Only files that differ are touched, so that a watching type checker or a test under way never sees a half-empty folder.
for (const path of changed) {
  const bytes = fresh.get(path);
  console.log(`${generatedFolder}/${path} ${bytes === undefined ? 'is not generated any more' : 'differs'}`);
  if (checkOnly) continue;
  const file = join(root, generatedFolder, path);
  if (bytes === undefined) {
    rmSync(file);
    continue;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
}
if (checkOnly && changed.length > 0) {
  console.log('run "npm run gen" and commit the result');
  process.exitCode = 1;
}
