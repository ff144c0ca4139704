import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type PeerCertificate } from 'node:tls';
import { type ChannelCredentials, experimental, type ServerCredentials } from '@grpc/grpc-js';
import { peerOfCertificate } from './spiffe.ts';

/** The files that identify a process, PEM: trusted roots, own certificate chain, own private key. */
export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

interface Certificates {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

type Provider = Parameters<typeof experimental.createCertificateProviderServerCredentials>[0];
type CaListener = Parameters<Provider['addCaCertificateListener']>[0];
type IdentityListener = Parameters<Provider['addIdentityCertificateListener']>[0];

const CHECK_INTERVAL_MS = 1_000;

/** Reads the three files and makes sure that they belong together. Throws when they do not (yet). */
function load(files: TlsFiles): Certificates {
  const certificates = { ca: readFileSync(files.ca), cert: readFileSync(files.cert), key: readFileSync(files.key) };
  // Throws on a half-written PEM and on a key that is not the certificate's.
  createSecureContext(certificates);
  return certificates;
}

function stamp(files: TlsFiles): string {
  return [files.ca, files.cert, files.key]
    .map((file) => statSync(file, { throwIfNoEntry: false }))
    .map((stat) => (stat ? `${stat.ino}/${stat.mtimeMs}/${stat.size}` : '-'))
    .join(' ');
}

/**
 * Certificates from files, replaced without a restart. A set that does not load leaves the last good one in force and
 * is tried again every second: grpc-js's own file watcher refuses every new connection after one torn read.
 */
class FileCertificates implements Provider {
  readonly #files: TlsFiles;
  #current: Certificates;
  #stamp: string;
  readonly #caListeners = new Set<CaListener>();
  readonly #identityListeners = new Set<IdentityListener>();
  readonly #followers = new Set<(certificates: Certificates) => void>();

  constructor(files: TlsFiles) {
    this.#files = files;
    this.#stamp = stamp(files);
    this.#current = load(files);
    setInterval(() => this.#refresh(), CHECK_INTERVAL_MS).unref();
  }

  #refresh(): void {
    const seen = stamp(this.#files);
    if (seen === this.#stamp) return;
    try {
      this.#current = load(this.#files);
    } catch {
      return;
    }
    this.#stamp = seen;
    for (const listener of this.#caListeners) listener({ caCertificate: this.#current.ca });
    for (const listener of this.#identityListeners) listener(this.#identity());
    for (const use of this.#followers) use(this.#current);
  }

  follow(use: (certificates: Certificates) => void): void {
    use(this.#current);
    this.#followers.add(use);
  }

  #identity() {
    return { certificate: this.#current.cert, privateKey: this.#current.key };
  }

  // grpc-js adds its listener before it registers itself as a watcher: an answer in the same turn would be lost.
  addCaCertificateListener(listener: CaListener): void {
    this.#caListeners.add(listener);
    process.nextTick(() => listener({ caCertificate: this.#current.ca }));
  }

  removeCaCertificateListener(listener: CaListener): void {
    this.#caListeners.delete(listener);
  }

  addIdentityCertificateListener(listener: IdentityListener): void {
    this.#identityListeners.add(listener);
    process.nextTick(() => listener(this.#identity()));
  }

  removeIdentityCertificateListener(listener: IdentityListener): void {
    this.#identityListeners.delete(listener);
  }
}

const providers = new Map<string, FileCertificates>();

function certificatesOf(files: TlsFiles): FileCertificates {
  const key = JSON.stringify(files);
  let provider = providers.get(key);
  if (!provider) {
    provider = new FileCertificates(files);
    providers.set(key, provider);
  }
  return provider;
}

/** Hands over the certificates now, and again whenever they are replaced: for servers that are not gRPC. */
export function followCertificates(files: TlsFiles, use: (certificates: Certificates) => void): void {
  certificatesOf(files).follow(use);
}

/** Server side of mTLS: a client without a certificate of our roots does not get through the handshake. */
export function serverCredentials(files: TlsFiles): ServerCredentials {
  const provider = certificatesOf(files);
  // Signature says (ca, identity), grpc-js 1.14.7 takes (identity, ca); with one provider for both the order is moot.
  return experimental.createCertificateProviderServerCredentials(provider, provider, true);
}

/** Client side of mTLS: instead of a host name the server must show the SPIFFE id of the mesh process `peer`. */
export function clientCredentials(files: TlsFiles, peer: string): ChannelCredentials {
  const provider = certificatesOf(files);
  return experimental.createCertificateProviderChannelCredentials(provider, provider, {
    checkServerIdentity: (_host: string, certificate: PeerCertificate) => {
      const server = peerOfCertificate(certificate.raw);
      if (server?.kind === 'MESH' && server.name === peer) return undefined;
      return new Error(
        `the server is not ${peer} of this mesh: ${new X509Certificate(certificate.raw).subjectAltName}`,
      );
    },
  });
}
