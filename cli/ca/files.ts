import { randomUUID } from 'node:crypto';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Mode of files that only their owner may read: keys. */
export const secretMode = 0o600;
/** Mode of files that everybody may read: certificates, addresses. */
export const publicMode = 0o644;

/** Writes a file so that a reader sees the old text or the new one, never a part; makes its directory. */
export async function writeFileAtomic(path: string, text: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(draft, text, { mode, flag: 'wx', flush: true });
    // The process's umask may have taken bits from the mode.
    await chmod(draft, mode);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
