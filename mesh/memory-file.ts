import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A text that survives a crash at any moment: the old one whole, or the new one. */
export interface Memory {
  /** Empty before the first. */
  load(): string;
  /** Returns once it is on disk. Synchronous: while it writes, its process does nothing else. 0.1 to 5 ms. */
  save(text: string): void;
}

/** Keeps a text in the file `name` of a directory, which is made when it is missing. */
export function memoryFile(directory: string, name: string): Memory {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, name);
  return {
    load() {
      try {
        return readFileSync(path, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
        throw error;
      }
    },
    save(text) {
      const draft = `${path}.new`;
      const file = openSync(draft, 'w', 0o600);
      try {
        writeSync(file, text);
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
