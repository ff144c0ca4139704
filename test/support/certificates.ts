import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'mocha';
import { type CredentialFiles, keepSigningCredential, openAuthority } from '../../cli/ca/authority.ts';
import { type Credential, createLeafCredential, type LeafContent, validForDays } from '../../cli/ca/certificate.ts';
import { publicMode, secretMode, writeFileAtomic } from '../../cli/ca/files.ts';

/** An authority of its own in a temporary directory, removed after the mocha run. */
export interface TestCertificates {
  /** File of the authority's certificate. */
  ca: string;
  /** A credential for one SPIFFE id; a second call for the same id answers the same files. */
  issue(spiffeId: string): Promise<CredentialFiles>;
  /** A credential that the mesh must refuse: expired, two URI names, another trust domain. */
  issueOdd(content: Partial<LeafContent>): Promise<CredentialFiles>;
  /** Certifies the key of a request (PEM) for a SPIFFE id; answers the certificate (PEM). */
  certify(csrPem: string, spiffeId: string): Promise<string>;
  /** The Walikota's signing certificate and key, PEM and files. */
  walikota: Credential & { cert: string; key: string };
}

const directories: string[] = [];
after(async () => {
  await Promise.all(directories.map((directory) => rm(directory, { recursive: true, force: true })));
});

/** A new authority; two calls answer authorities that do not trust each other. */
export async function testCertificates(): Promise<TestCertificates> {
  const directory = await mkdtemp(join(tmpdir(), 'rangkiang-certificates-'));
  directories.push(directory);
  const authority = await openAuthority(directory);
  const ca = authority.certFile;
  const caCredential = await readPair(ca, join(directory, 'ca.key'));
  const signing = await keepSigningCredential(join(directory, 'izin'));
  return {
    ca,
    issue: (spiffeId) => authority.keep(join(directory, encodeURIComponent(spiffeId)), spiffeId),
    async issueOdd(content) {
      const credential = await createLeafCredential(caCredential, {
        commonName: 'odd',
        uris: [],
        hosts: [],
        validity: validForDays(1),
        ...content,
      });
      const path = join(directory, randomUUID());
      const files = { ca, cert: `${path}.crt`, key: `${path}.key` };
      await writeFileAtomic(files.key, credential.keyPem, secretMode);
      await writeFileAtomic(files.cert, credential.certPem, publicMode);
      return files;
    },
    certify: (csrPem, spiffeId) => authority.certify(csrPem, spiffeId),
    walikota: { ...signing, ...(await readPair(signing.cert, signing.key)) },
  };
}

async function readPair(cert: string, key: string): Promise<Credential> {
  const [certPem, keyPem] = await Promise.all([readFile(cert, 'utf8'), readFile(key, 'utf8')]);
  return { certPem, keyPem };
}
