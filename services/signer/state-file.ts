import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Memory } from './domain/signed-history.ts';

/** Keeps the newest checkpoint in a file of `directory`, which is made when it is missing: the old one whole, or the new one. */
export function stateFile(directory: string): Memory {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, 'checkpoint');
  return {
    load() {
      try {
        return readFileSync(path, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
        throw error;
      }
    },
    // Synchronous: while it writes, nothing else may be signed.
    save(checkpoint) {
      const draft = `${path}.new`;
      const file = openSync(draft, 'w', 0o600);
      try {
        writeSync(file, checkpoint);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(draft, path);
      const folder = openSync(directory, 'r');
      try {
        fsyncSync(folder);
      } finally {
        closeSync(folder);
      }
    },
  };
}
