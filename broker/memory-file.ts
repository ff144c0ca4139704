import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '#mesh/replace-file.ts';

/** The newest that a broker has seen of the two logs. */
export interface Remembered {
  /** The policy's head. */
  readonly version: bigint;
  readonly digest: Buffer;
  /** How many records the audit log had. */
  readonly auditSize: bigint;
}

/** What is remembered before anything was seen. */
export const nothingSeen: Remembered = Object.freeze({ version: 0n, digest: Buffer.alloc(32), auditSize: 0n });

/** Thrown when a broker may not start with what it remembers. The message is for the operator, with what to do. */
export class MemoryRefused extends Error {
  override readonly name = 'MemoryRefused';
}

/** One file in a directory of the broker's own. It is replaced as a whole and is on the disk before the old one is gone. */
export class MemoryFile {
  readonly #directory: string;
  readonly #path: string;

  constructor(directory: string) {
    this.#directory = directory;
    this.#path = join(directory, 'memory.json');
  }

  /**
   * What was remembered. Without a file, what `otherwise` gives: from a witness, or nothing for a first run. Throws
   * MemoryRefused when there is neither, or when the file is damaged.
   */
  async load(otherwise: () => Remembered | undefined): Promise<Remembered> {
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      const remembered = otherwise();
      if (remembered) return remembered;
      throw new MemoryRefused(
        `${this.#path} is missing: this broker cannot tell whether its databases are older than what it has seen. ` +
          'Put the file back; or, if this is a new broker and the databases are known to be the newest, start it once with RANGKIANG_FIRST_RUN=true.',
      );
    }
    const remembered = read(text);
    if (remembered) return remembered;
    throw new MemoryRefused(
      `${this.#path} is damaged. Put a good copy back; or, once the databases are known to be the newest, remove it and start ` +
        'this broker once with RANGKIANG_FIRST_RUN=true.',
    );
  }

  /** Remembers from now on; resolves when it is on the disk. */
  async save({ version, digest, auditSize }: Remembered): Promise<void> {
    const content = { version: String(version), digest: digest.toString('hex'), auditSize: String(auditSize) };
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    await replaceFile(this.#path, `${JSON.stringify(content)}\n`);
  }
}

/** Undefined for a text that was not written here, or not to its end. */
function read(text: string): Remembered | undefined {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { version, digest, auditSize } = (content ?? {}) as Record<string, unknown>;
  const isCount = (value: unknown): value is string => typeof value === 'string' && /^\d{1,19}$/.test(value);
  if (!isCount(version) || !isCount(auditSize)) return undefined;
  if (typeof digest !== 'string' || !/^[0-9a-f]{64}$/.test(digest)) return undefined;
  return { version: BigInt(version), digest: Buffer.from(digest, 'hex'), auditSize: BigInt(auditSize) };
}
