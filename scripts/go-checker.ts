import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { installPackages, thisMachine } from '../cli/embedded/apt.ts';

/** Where Debian keeps Go's libraries, and how Go finds them without a network. */
export const goLibraries = { GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOFLAGS: '' };

const packages = ['golang-go', 'golang-golang-x-mod-dev'];

/** Why the log cannot be checked by the Go project's library here, and what to do; undefined when it can. */
export function missingGo(): string | undefined {
  const hasGo = spawnSync('go', ['version']).status === 0;
  if (hasGo && existsSync(`${goLibraries.GOPATH}/src/golang.org/x/mod/sumdb/tlog`)) return undefined;
  return `no Go with golang.org/x/mod on this machine; on Debian or Ubuntu: apt-get install ${packages.join(' ')}`;
}

/** Installs what is missing where that is possible; elsewhere the test that needs it says what is missing. */
export function ensureGo(say: (line: string) => void): void {
  if (missingGo() === undefined || !thisMachine().mayInstall) return;
  say(`no Go on this machine: installing the Debian packages ${packages.join(' ')} with apt-get`);
  installPackages(packages);
}
