import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';

// C2SP signed-note (https://c2sp.org/signed-note) with plain Ed25519 signatures, and with the timestamped ones of witnesses
// (cosignature/v1 of https://c2sp.org/tlog-cosignature).

const ED25519 = 1;
const COSIGNATURE = 4;
const KEY_ID_BYTES = 4;
const SEED_BYTES = 32;
const TIME_BYTES = 8;
const SIGNATURE_BYTES = 64;
// What precedes the 32 bytes of a key in DER (RFC 8410).
const PRIVATE_DER = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_DER = Buffer.from('302a300506032b6570032100', 'hex');

/** The name of the Inspektorat's witness in cosignatures. */
export const WITNESS_NAME = 'inspektorat.padang.go.id/rangkiang';

/** Who may have signed a note. */
export interface Verifier {
  readonly name: string;
  readonly keyId: Buffer;
  /** Whether this is the key's signature of the text; `signature` without the key id. */
  verify(text: string, signature: Buffer): boolean;
}

/** A key that signs notes. */
export interface Signer {
  readonly name: string;
  /** The public key as others pin it: "<name>+<key id>+<base64>". */
  readonly verifierKey: string;
  /** The signature line of a text, its line break included. */
  sign(text: string): string;
}

/** One signature line of a note. */
interface SignatureLine {
  readonly name: string;
  readonly keyId: Buffer;
  readonly signature: Buffer;
}

/** A note is malformed, or a signature by a key that we know is wrong. */
export class NoteInvalid extends Error {
  override readonly name = 'NoteInvalid';
}

/** Empty for what is no base64, or another way to write the same bytes. */
function fromBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : Buffer.alloc(0);
}

function keyIdOf(name: string, keyBytes: Buffer): Buffer {
  const digest = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), keyBytes]), 'hex');
  return Buffer.from(digest, 'hex').subarray(0, KEY_ID_BYTES);
}

function signerOf(name: string, seed: Buffer, algorithm: number, signText: (text: string, key: KeyObject) => Buffer) {
  if (seed.length !== SEED_BYTES) throw new RangeError('an Ed25519 seed has 32 bytes');
  const key = createPrivateKey({ key: Buffer.concat([PRIVATE_DER, seed]), format: 'der', type: 'pkcs8' });
  const publicDer = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const keyBytes = Buffer.concat([Buffer.from([algorithm]), publicDer.subarray(PUBLIC_DER.length)]);
  const keyId = keyIdOf(name, keyBytes);
  return {
    name,
    verifierKey: `${name}+${keyId.toString('hex')}+${keyBytes.toString('base64')}`,
    sign: (text: string) => `— ${name} ${Buffer.concat([keyId, signText(text, key)]).toString('base64')}\n`,
  };
}

/** The key with which a log signs its checkpoints; `seed` are the 32 secret bytes of an Ed25519 key. */
export function logSigner(name: string, seed: Buffer): Signer {
  return signerOf(name, seed, ED25519, (text, key) => sign(null, Buffer.from(text), key));
}

/** The key with which a witness cosigns checkpoints, and says when. */
export function witnessSigner(name: string, seed: Buffer, nowMs: () => number = Date.now): Signer {
  return signerOf(name, seed, COSIGNATURE, (text, key) => {
    const time = Buffer.alloc(TIME_BYTES);
    time.writeBigUInt64BE(BigInt(Math.floor(nowMs() / 1000)));
    return Buffer.concat([time, sign(null, cosigned(text, time), key)]);
  });
}

function cosigned(text: string, time: Buffer): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${time.readBigUInt64BE()}\n${text}`);
}

/** Reads a public key as others pin it. Throws NoteInvalid. */
export function verifierOf(verifierKey: string): Verifier {
  const [, name = '', id = '', base64 = ''] =
    /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(verifierKey.trim()) ?? [];
  const keyBytes = fromBase64(base64);
  const keyId = Buffer.from(id, 'hex');
  const algorithm = keyBytes[0];
  const isKey = keyBytes.length === 1 + 32 && (algorithm === ED25519 || algorithm === COSIGNATURE);
  if (!isKey || !keyIdOf(name, keyBytes).equals(keyId)) throw new NoteInvalid('this is no verifier key of a note');
  const key = createPublicKey({
    key: Buffer.concat([PUBLIC_DER, keyBytes.subarray(1)]),
    format: 'der',
    type: 'spki',
  });
  const plain = (text: string, signature: Buffer) =>
    signature.length === SIGNATURE_BYTES && verify(null, Buffer.from(text), key, signature);
  const timed = (text: string, signature: Buffer) =>
    signature.length === TIME_BYTES + SIGNATURE_BYTES &&
    verify(null, cosigned(text, signature), key, signature.subarray(TIME_BYTES));
  return { name, keyId, verify: algorithm === ED25519 ? plain : timed };
}

/** Splits a note into its text, the last line break included, and its signature lines. Throws NoteInvalid. */
function splitNote(note: string): { text: string; signatures: SignatureLine[] } {
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n')) throw new NoteInvalid('this is no signed note');
  const lines = note.slice(end + 2, -1).split('\n');
  const signatures = lines.map((line) => {
    const [, name = '', base64 = ''] = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/.exec(line) ?? [];
    const bytes = fromBase64(base64);
    if (bytes.length <= KEY_ID_BYTES) throw new NoteInvalid('a line below the note is no signature');
    return { name, keyId: bytes.subarray(0, KEY_ID_BYTES), signature: bytes.subarray(KEY_ID_BYTES) };
  });
  return { text: note.slice(0, end + 1), signatures };
}

/**
 * The text of a note and which of the verifiers signed it. Signatures by keys that we do not know count nothing. Throws
 * NoteInvalid when it is malformed, or a signature under a known key's name and id is not that key's.
 */
export function openNote(note: string, verifiers: readonly Verifier[]): { text: string; signedBy: Verifier[] } {
  const { text, signatures } = splitNote(note);
  const signedBy: Verifier[] = [];
  for (const { name, keyId, signature } of signatures) {
    const verifier = verifiers.find((known) => known.name === name && known.keyId.equals(keyId));
    if (!verifier) continue;
    if (!verifier.verify(text, signature)) throw new NoteInvalid(`the signature of ${name} does not verify`);
    signedBy.push(verifier);
  }
  return { text, signedBy };
}

/** When a witness cosigned a note, milliseconds since 1970. Throws NoteInvalid when it has not. */
export function cosignedAtMs(note: string, witness: Verifier): number {
  const line = splitNote(note).signatures.findLast(({ keyId }) => keyId.equals(witness.keyId));
  if (!line || line.signature.length !== TIME_BYTES + SIGNATURE_BYTES) throw new NoteInvalid('this is not cosigned');
  return Number(line.signature.readBigUInt64BE()) * 1000;
}
