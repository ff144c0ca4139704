import { readFile } from 'node:fs/promises';
import { replaceFile } from '../../mesh/replace-file.ts';
import { CliFailure } from '../failure.ts';

/** Where an export goes on: kept in a file that is replaced as a whole, so that a crash leaves the old one or the new one. */
export class Cursor {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** The next index; undefined when there is no file yet. Throws a failure for a file that is no cursor. */
  async read(): Promise<bigint | undefined> {
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    if (/^\d{1,19}\n$/.test(text)) return BigInt(text.trim());
    throw new CliFailure({
      id: `${this.#path} bukan berkas kursor. Periksa berkas itu; tanpa berkas, ekspor mulai dari awal.`,
      en: `${this.#path} is no cursor. Look at it; without the file, the export begins at the start.`,
    });
  }

  /** Resolves when the index is on disk. */
  async write(next: bigint): Promise<void> {
    await replaceFile(this.#path, `${next}\n`);
  }
}
