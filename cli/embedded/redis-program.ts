import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The machine as far as finding and installing programs goes; tests describe another one. */
export interface Machine {
  path: string;
  /** Root on a Debian family system. */
  mayInstall: boolean;
}

const aptGet = '/usr/bin/apt-get';

function thisMachine(): Machine {
  return { path: process.env.PATH ?? '', mayInstall: process.getuid?.() === 0 && isProgram(aptGet) };
}

/**
 * The path of a Redis server program. Where there is none, root on a Debian family system gets Debian's package, after
 * `say` has told so; everybody else gets an error that names the package.
 */
export function ensureRedis(say: (line: string) => void, machine: Machine = thisMachine()): string {
  const found = findRedis(machine.path);
  if (found !== undefined) return found;
  if (!machine.mayInstall) {
    throw new Error(
      'no redis-server or valkey-server on PATH: install the package redis-server (Debian, Ubuntu), redis or valkey (others), or set REDIS_URL',
    );
  }
  say('no redis-server on this machine: installing the Debian package redis-server with apt-get');
  withoutDaemons(() => {
    apt('update');
    apt('install', '--yes', '--no-install-recommends', 'redis-server');
  });
  const installed = findRedis(machine.path);
  if (installed === undefined)
    throw new Error('apt-get has installed redis-server, but there is no redis-server on PATH');
  return installed;
}

function findRedis(path: string): string | undefined {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  return ['redis-server', 'valkey-server']
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find(isProgram);
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
  const { status, stderr } = spawnSync(aptGet, ['-qq', ...words], {
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
