import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What is compared with, at the versions that the budgets name or, for Cedar, the newest when this was written. */
const cerbosPackage = `@cerbos/cerbos-${process.platform}-${process.arch}`;
const cerbosVersion = '0.55.0';
const cedarPackage = '@cedar-policy/cedar-wasm';
const cedarVersion = '4.13.0';

/** Installed packages in a temporary folder. */
export interface Peers {
  /** The folder; what else the bench writes goes there too. */
  readonly dir: string;
  /** Program file of Cerbos. */
  readonly cerbos: string;
  /** Name to import Cedar by: its build for Node. */
  readonly cedar: string;
  /** E.g. "Cerbos 0.55.0". */
  readonly versions: { readonly cerbos: string; readonly cedar: string };
  remove(): Promise<void>;
}

/** Installs the peers. Rejects with npm's words when one of them cannot be had. */
export async function installPeers(): Promise<Peers> {
  const dir = await mkdtemp(join(tmpdir(), 'rangkiang-peers-'));
  const remove = () => rm(dir, { recursive: true, force: true });
  try {
    await writeFile(join(dir, 'package.json'), '{ "private": true }');
    const wanted = [`${cerbosPackage}@${cerbosVersion}`, `${cedarPackage}@${cedarVersion}`];
    await promisify(execFile)('npm', ['install', '--no-audit', '--no-fund', '--no-save', ...wanted], {
      cwd: dir,
    }).catch(({ stderr }: { stderr?: string }) => {
      throw new Error(`cannot install ${wanted.join(' and ')}, so there is nothing to compare with:\n${stderr ?? ''}`);
    });
  } catch (error) {
    await remove();
    throw error;
  }
  const modules = join(dir, 'node_modules');
  return {
    dir,
    cerbos: join(modules, cerbosPackage, cerbosPackage.replace('@cerbos/', '')),
    cedar: join(modules, cedarPackage, 'nodejs', 'cedar_wasm.js'),
    versions: { cerbos: `Cerbos ${cerbosVersion}`, cedar: `Cedar ${cedarVersion}` },
    remove,
  };
}
