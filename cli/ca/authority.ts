import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Credential,
  certifyRequest,
  createCaCredential,
  createLeafCredential,
  createSigningCredential,
  validForDays,
} from './certificate.ts';
import { publicMode, secretMode, writeFileAtomic } from './files.ts';

/** Names of the files of one certificate, its key and the authority that vouches for its peers. */
export interface CredentialFiles {
  ca: string;
  cert: string;
  key: string;
}

const authorityDays = 3650;
/** An OPD's certificate counts for 90 days; it enrols again before. */
export const leafDays = 90;
/** A certificate of our own with fewer days left is made anew at the next start. */
const renewalDays = 30;
/** As long as the longest Izin. */
const signingDays = 1827;
/** Under these a process of the mesh is reached on a developer's machine. */
const localHosts = ['localhost', '127.0.0.1'];

/**
 * The development authority of a state directory: `ca.crt` and `ca.key`, made when they are missing.
 * In production the city's own authority takes its place.
 */
export async function openAuthority(stateDir: string): Promise<Authority> {
  const files = { cert: join(stateDir, 'ca.crt'), key: join(stateDir, 'ca.key') };
  const kept = await readCredential(files);
  if (kept) return new Authority(files.cert, kept);
  const made = await createCaCredential('Rangkiang Development CA', validForDays(authorityDays));
  await writeCredential(files, made);
  return new Authority(files.cert, made);
}

/** Issues certificates for the mesh and for OPD. */
export class Authority {
  /** File of the authority's certificate. */
  readonly certFile: string;
  readonly #credential: Credential;

  constructor(certFile: string, credential: Credential) {
    this.certFile = certFile;
    this.#credential = credential;
  }

  /**
   * Keeps `<path>.crt` and `<path>.key` as the credential of one SPIFFE id, making it anew when it is missing,
   * from another authority, or near its end. A process of the mesh also gets the local host names.
   */
  async keep(path: string, spiffeId: string): Promise<CredentialFiles> {
    const files = { ca: this.certFile, cert: `${path}.crt`, key: `${path}.key` };
    const kept = await readCredential(files);
    if (!kept || !this.#isGood(kept)) {
      await writeCredential(files, await createLeafCredential(this.#credential, leafContent(spiffeId)));
    }
    return files;
  }

  /** Certifies an OPD's own key for a SPIFFE id that we decide; answers the certificate (PEM). */
  certify(csrPem: string, spiffeId: string): Promise<string> {
    return certifyRequest(this.#credential, csrPem, leafContent(spiffeId));
  }

  #isGood(kept: Credential): boolean {
    const certificate = new X509Certificate(kept.certPem);
    const authority = new X509Certificate(this.#credential.certPem);
    const daysLeft = (certificate.validToDate.getTime() - Date.now()) / 86_400_000;
    return daysLeft > renewalDays && certificate.verify(authority.publicKey);
  }
}

/** Keeps `<path>.crt` and `<path>.key` as the Ed25519 credential with which the Walikota signs permits. */
export function keepSigningCredential(path: string): Promise<{ cert: string; key: string }> {
  return keepSigner(path, () => createSigningCredential('Walikota Padang', validForDays(signingDays)));
}

/** Keeps, likewise, the credential of the office authority, by which a lost signing key is withdrawn and replaced. */
export function keepOfficeAuthority(path: string): Promise<{ cert: string; key: string }> {
  return keepSigner(path, () => createSigningCredential('Kantor Walikota Padang', validForDays(authorityDays), true));
}

/** Keeps, likewise, the credential of an official who may activate emergency permits. */
export function keepOfficial(path: string, name: string): Promise<{ cert: string; key: string }> {
  return keepSigner(path, () => createSigningCredential(name, validForDays(signingDays)));
}

async function keepSigner(path: string, make: () => Promise<Credential>): Promise<{ cert: string; key: string }> {
  const files = { cert: `${path}.crt`, key: `${path}.key` };
  if (!(await readCredential(files))) await writeCredential(files, await make());
  return files;
}

function leafContent(spiffeId: string) {
  const ofMesh = spiffeId.includes('/mesh/');
  return {
    commonName: spiffeId.slice('spiffe://'.length).split('/').slice(1).join(' ').slice(0, 64),
    uris: [spiffeId],
    hosts: ofMesh ? localHosts : [],
    validity: validForDays(leafDays),
  };
}

async function readCredential(files: { cert: string; key: string }): Promise<Credential | undefined> {
  try {
    const [certPem, keyPem] = await Promise.all([readFile(files.cert, 'utf8'), readFile(files.key, 'utf8')]);
    return { certPem, keyPem };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The key first: a certificate on disk always has its key beside it. */
async function writeCredential(files: { cert: string; key: string }, credential: Credential): Promise<void> {
  await writeFileAtomic(files.key, credential.keyPem, secretMode);
  await writeFileAtomic(files.cert, credential.certPem, publicMode);
}
