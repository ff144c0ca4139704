import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';

/** The machine as far as finding and installing programs goes; tests describe another one. */
export interface Machine {
  path: string;
  /** Root on a Debian family system. */
  mayInstall: boolean;
}

const aptGet = '/usr/bin/apt-get';
const policyFile = '/usr/sbin/policy-rc.d';

/** The machine that we run on. */
export function thisMachine(): Machine {
  return { path: process.env.PATH ?? '', mayInstall: process.getuid?.() === 0 && isProgram(aptGet) };
}

/** Installs Debian's packages, whose daemons are not started. Throws with what apt-get said. */
export function installPackages(names: readonly string[]): void {
  withoutDaemons(() => {
    apt('update');
    apt('install', '--yes', '--no-install-recommends', ...names);
  });
}

/** Whether this is the file of a program. */
export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

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
