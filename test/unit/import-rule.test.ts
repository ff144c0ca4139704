import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'mocha';
import { root } from '../../scripts/programs.ts';

/** One import statement: the file it stands in, and the file of the project or the package that it names. */
interface Import {
  from: string;
  to: string;
}

const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  .toString()
  .split('\0')
  .filter((path) => path !== '');

const importPattern = /^(?:(?:import|export)\b[^'";=(]*\bfrom|import)\s*'([^']+)'|\bimport\(\s*'([^']+)'/gm;
const imports = tracked.filter((path) => path.endsWith('.ts') && !path.startsWith('proto/gen/')).flatMap(importsOf);

function importsOf(from: string): Import[] {
  const specifiers = textOf(from).matchAll(importPattern);
  return [...specifiers].map(([, written, awaited]) => ({ from, to: resolve(from, written ?? awaited ?? '') }));
}

function resolve(from: string, specifier: string): string {
  if (specifier.startsWith('.')) return join(dirname(from), specifier);
  return specifier.replace(/^#gen\//, 'proto/gen/').replace(/^#mesh\//, 'mesh/');
}

function textOf(path: string): string {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return ''; // removed, but not yet committed
  }
}

/** The part of the project that a path belongs to: a service, the broker, mesh, ...; or `package`. */
function partOf(path: string): string {
  const part = /^(?:services\/[^/]+|broker|mesh|proto\/gen|cli|bench|sim|test|scripts|deploy)(?=\/)/.exec(path);
  return part?.[0] ?? 'package';
}

function breaches(where: (path: string) => boolean, allowed: (to: string, from: string) => boolean): string[] {
  return imports.filter(({ from, to }) => where(from) && !allowed(to, from)).map(({ from, to }) => `${from} -> ${to}`);
}

const inDomain = (path: string) => /^services\/[^/]+\/domain\//.test(path);
const isTransport = (to: string) =>
  to.startsWith('@grpc/') || /^mesh\/(server|client|trunk)\b/.test(to) || to.endsWith('_service.ts');
const isSql = (to: string) => to === 'pg' || to === 'mesh/sql.ts' || to.includes('/store/');

describe('the import rule', () => {
  it('sees imports of every kind', () => {
    const seen = imports.map(({ to }) => to);
    for (const to of ['node:assert/strict', 'casbin', 'mesh/config.ts', '@opentelemetry/sdk-trace'])
      assert(seen.includes(to), to);
    assert(imports.some(({ to }) => to.startsWith('proto/gen/')));
  });

  it('lets a service and the broker know the contract, mesh and themselves only', () => {
    const process = (path: string) => partOf(path).startsWith('services/') || partOf(path) === 'broker';
    const allowed = (to: string, from: string) => ['proto/gen', 'mesh', 'package', partOf(from)].includes(partOf(to));
    assert.deepEqual(breaches(process, allowed), []);
  });

  it('lets mesh know the contract and itself only', () => {
    const allowed = (to: string) => ['proto/gen', 'mesh', 'package'].includes(partOf(to));
    assert.deepEqual(
      breaches((path) => partOf(path) === 'mesh', allowed),
      [],
    );
  });

  it('keeps gRPC and SQL out of the rules of a domain', () => {
    assert.deepEqual(
      breaches(inDomain, (to) => !isTransport(to) && !isSql(to)),
      [],
    );
  });

  it('keeps casbin behind its one wrapper', () => {
    const outside = (path: string) => !path.startsWith('broker/policy/') && !path.startsWith('test/');
    assert.deepEqual(
      breaches(outside, (to) => to !== 'casbin'),
      [],
    );
    assert.equal(
      new Set(imports.filter(({ from, to }) => to === 'casbin' && !from.startsWith('test/')).map(({ from }) => from))
        .size,
      1,
    );
  });

  it('keeps what only tests and development need out of the processes', () => {
    const deployed = (path: string) =>
      ['broker', 'mesh'].includes(partOf(path)) || partOf(path).startsWith('services/');
    const ownDevelopment = JSON.parse(textOf('package.json')).devDependencies as Record<string, string>;
    assert.deepEqual(
      breaches(deployed, (to) => !(to in ownDevelopment)),
      [],
    );
  });
});

describe('the project', () => {
  it('mentions no path of the machine it was written on', () => {
    const machine = new RegExp(`${root.replaceAll('/', '\\/')}|\\/(?:home|Users|work)\\/[\\w.-]+\\/`);
    const mentions = tracked.filter((path) => machine.test(textOf(path)));
    assert.deepEqual(mentions, []);
  });
});
