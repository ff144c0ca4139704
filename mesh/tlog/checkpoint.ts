import { HASH_BYTES } from './hash.ts';
import { NoteInvalid, openNote, type Signer, type Verifier } from './note.ts';

// C2SP tlog-checkpoint: https://c2sp.org/tlog-checkpoint.

/** How large a tree is, and its root. */
export interface Head {
  readonly size: bigint;
  readonly root: Buffer;
}

/** The name of the audit log in its checkpoints, and of the key that signs them. */
export const LOG_ORIGIN = 'padang.go.id/rangkiang/audit';

/** Signs the head of a log whose name is the signer's. */
export function signCheckpoint({ size, root }: Head, signer: Signer): string {
  const text = `${signer.name}\n${size}\n${root.toString('base64')}\n`;
  return `${text}\n${signer.sign(text)}`;
}

/**
 * The head in a checkpoint that the log's key has signed. Throws NoteInvalid when it has not, when the checkpoint is another
 * log's, or malformed.
 */
export function openCheckpoint(note: string, log: Verifier): Head {
  const { text, signedBy } = openNote(note, [log]);
  if (signedBy.length === 0) throw new NoteInvalid(`${log.name} has not signed this checkpoint`);
  // Other logs may add lines of extensions; ours does not.
  const [, origin, size = '', base64 = ''] = /^(.+)\n(0|[1-9]\d{0,18})\n([A-Za-z0-9+/=]+)\n$/.exec(text) ?? [];
  const root = Buffer.from(base64, 'base64');
  if (origin !== log.name || root.length !== HASH_BYTES || root.toString('base64') !== base64) {
    throw new NoteInvalid(`this is no checkpoint of ${log.name}`);
  }
  return { size: BigInt(size), root };
}
