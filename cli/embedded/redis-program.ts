import { delimiter, join } from 'node:path';
import { installPackages, isProgram, type Machine, thisMachine } from './apt.ts';

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
  installPackages(['redis-server']);
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
