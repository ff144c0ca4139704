import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = ['redis-server', 'valkey-server'];
// A normal user's PATH on Debian has no sbin, but other distributions put servers there.
const folders = [
  ...(process.env.PATH ?? '').split(delimiter),
  '/usr/bin',
  '/usr/sbin',
  '/usr/local/bin',
  '/opt/homebrew/bin',
];

/** The path of a Redis server program on this machine, if there is one. */
function findRedis(): string | undefined {
  return names
    .flatMap((name) => folders.filter((folder) => folder !== '').map((folder) => join(folder, name)))
    .find(isProgram);
}

/**
 * The path of a Redis server program. Where there is none, root on a Debian family system gets Debian's package, after
 * `say` has told so; everybody else gets an error that names the package.
 */
export function ensureRedis(say: (line: string) => void): string {
  const found = findRedis();
  if (found !== undefined) return found;
  if (process.getuid?.() !== 0 || !isProgram('/usr/bin/apt-get')) {
    throw new Error(
      'no redis-server or valkey-server on PATH: install the package redis-server (Debian, Ubuntu), redis or valkey (others), or set REDIS_URL',
    );
  }
  say('no redis-server on this machine: installing the Debian package redis-server with apt-get');
  withoutDaemons(() => {
    apt('update');
    apt('install', '--yes', '--no-install-recommends', 'redis-server');
  });
  const installed = findRedis();
  if (installed === undefined)
    throw new Error('apt-get has installed redis-server, but there is no redis-server on PATH');
  return installed;
}

const policyFile = '/usr/sbin/policy-rc.d';

/** Debian starts a daemon right after its package is installed, unless this file says no (exit code 101). We start our own. */
function withoutDaemons(install: () => void): void {
  if (existsSync(policyFile)) {
    install();
    return;
  }
  writeFileSync(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    install();
  } finally {
    rmSync(policyFile);
  }
}

function apt(...words: string[]): void {
  const { status, stderr } = spawnSync('/usr/bin/apt-get', ['-qq', ...words], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`apt-get ${words.join(' ')} failed:\n${stderr}`);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
