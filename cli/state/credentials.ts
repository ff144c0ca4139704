import { randomBytes } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { meshId } from '../../mesh/spiffe.ts';
import { LOG_ORIGIN } from '../../mesh/tlog/checkpoint.ts';
import { logSigner, type Signer, WITNESS_NAME, witnessSigner } from '../../mesh/tlog/note.ts';
import { keepOfficeAuthority, keepSigningCredential, openAuthority } from '../ca/authority.ts';
import { publicMode, secretMode, writeFileAtomic } from '../ca/files.ts';
import { callerId, callers } from './callers.ts';
import type { Layout } from './layout.ts';

const meshNames = ['broker', 'permit', 'audit', 'resident', 'signer'];
const secretBytes = 32;

/** Makes every certificate and key of a development mesh that is missing or near its end. */
export async function prepareCredentials(layout: Layout): Promise<void> {
  const authority = await openAuthority(layout.dir);
  await Promise.all([
    ...callers.map((caller) => authority.keep(layout.client(caller.name), callerId(caller))),
    ...meshNames.map((name) => authority.keep(layout.mesh(name), meshId(name))),
    keepPins(layout),
    // For the sealed parts of audit records.
    keepSecret(layout.secret('seal')),
    // For operators' pseudonyms in them.
    keepSecret(layout.secret('pseudonym')),
    keepNoteKey(layout.secret('signer'), layout.logKey, (seed) => logSigner(LOG_ORIGIN, seed)),
    keepNoteKey(layout.secret('witness'), layout.witnessKey, (seed) => witnessSigner(WITNESS_NAME, seed)),
  ]);
}

/** Pins the first signing key and the office authority, once: a rotated key is known by its signed order, not by a pin. */
async function keepPins(layout: Layout): Promise<void> {
  const files = await Promise.all([keepSigningCredential(layout.izin), keepOfficeAuthority(layout.office)]);
  const certificates = await Promise.all(files.map(({ cert }) => readFile(cert, 'utf8')));
  await keepFile(layout.pinned, () => certificates.join(''), publicMode);
}

async function keepSecret(path: string): Promise<void> {
  await keepFile(path, () => `${randomBytes(secretBytes).toString('base64')}\n`, secretMode);
}

async function keepFile(path: string, make: () => string, mode: number): Promise<void> {
  try {
    await access(path);
  } catch {
    await writeFileAtomic(path, make(), mode);
  }
}

/** A key that signs heads of the audit log, and its public half for whoever checks them. */
async function keepNoteKey(secret: string, published: string, signerOf: (seed: Buffer) => Signer): Promise<void> {
  await keepSecret(secret);
  const seed = Buffer.from(await readFile(secret, 'utf8'), 'base64');
  await writeFileAtomic(published, `${signerOf(seed).verifierKey}\n`, publicMode);
}
