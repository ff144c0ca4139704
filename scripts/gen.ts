import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { committed, differences, generate, generatedFolder } from './generated.ts';
import { root } from './programs.ts';

// Only files that differ are touched, so that a watching type checker or a test under way never sees a half-empty folder.
const fresh = generate();
const changed = differences(fresh, committed());
for (const path of changed) {
  const file = join(root, generatedFolder, path);
  const bytes = fresh.get(path);
  if (bytes === undefined) {
    rmSync(file);
  } else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
  console.log(`${bytes === undefined ? 'removed' : 'wrote'} ${generatedFolder}/${path}`);
}
if (changed.length === 0) console.log(`${generatedFolder} is up to date`);
