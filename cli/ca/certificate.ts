import './reflect-metadata.ts';
import type { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

/** A certificate and its private key (PKCS #8), both PEM. */
export interface Credential {
  certPem: string;
  keyPem: string;
}

/** From when to when a certificate counts. */
export interface Validity {
  notBefore: Date;
  notAfter: Date;
}

/** What a leaf certificate says. */
export interface LeafContent {
  commonName: string;
  /** URI names; mesh and OPD certificates carry exactly one, a SPIFFE id. */
  uris: readonly string[];
  /** DNS names and IP addresses under which a server is reached; empty for a client. */
  hosts: readonly string[];
  validity: Validity;
}

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const ed25519 = { name: 'Ed25519' };
const dayMs = 86_400_000;
/** Machines of OPD whose clock is behind by less than this accept a new certificate at once. */
const clockSkewMs = 300_000;

/** Validity from now on for a number of days. */
export function validForDays(days: number, now = Date.now()): Validity {
  return { notBefore: new Date(now - clockSkewMs), notAfter: new Date(now + days * dayMs) };
}

/** A new self-signed certification authority, ECDSA P-256, that may issue leaf certificates only. */
export async function createCaCredential(commonName: string, validity: Validity): Promise<Credential> {
  const keys = await crypto.subtle.generateKey(ecdsa, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }],
    keys,
    signingAlgorithm: ecdsa,
    ...validity,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certPem: toPem(certificate), keyPem: await exportKey(keys.privateKey) };
}

/**
 * A new self-signed Ed25519 certificate for signing documents, such as the Walikota's; as an authority, for orders about such
 * keys alone.
 */
export async function createSigningCredential(
  commonName: string,
  validity: Validity,
  isAuthority = false,
): Promise<Credential> {
  const { digitalSignature, keyCertSign } = x509.KeyUsageFlags;
  const keys = (await crypto.subtle.generateKey(ed25519, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }],
    keys,
    signingAlgorithm: ed25519,
    ...validity,
    extensions: [
      new x509.BasicConstraintsExtension(isAuthority, isAuthority ? 0 : undefined, true),
      new x509.KeyUsagesExtension(digitalSignature | (isAuthority ? keyCertSign : 0), true),
    ],
  });
  return { certPem: toPem(certificate), keyPem: await exportKey(keys.privateKey) };
}

/** A new ECDSA P-256 key with a leaf certificate from the authority `ca`. */
export async function createLeafCredential(ca: Credential, content: LeafContent): Promise<Credential> {
  const keys = await crypto.subtle.generateKey(ecdsa, true, ['sign', 'verify']);
  return { certPem: await certify(ca, keys.publicKey, content), keyPem: await exportKey(keys.privateKey) };
}

/**
 * Certifies the key of a PKCS #10 request (PEM). Only the key is taken from the request: names and validity are
 * ours to decide. Throws when the text is not a request or its signature does not fit its key.
 */
export async function certifyRequest(ca: Credential, csrPem: string, content: LeafContent): Promise<string> {
  const request = new x509.Pkcs10CertificateRequest(csrPem);
  if (!(await request.verify())) throw new Error('the signature of the certificate request does not verify');
  return certify(ca, request.publicKey, content);
}

async function certify(ca: Credential, publicKey: x509.PublicKeyType, content: LeafContent): Promise<string> {
  const issuer = new x509.X509Certificate(ca.certPem);
  const usages = [x509.ExtendedKeyUsage.clientAuth];
  if (content.hosts.length > 0) usages.push(x509.ExtendedKeyUsage.serverAuth);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [content.commonName] }],
    issuer: issuer.subjectName.toJSON(),
    publicKey,
    signingKey: await importCaKey(ca.keyPem),
    signingAlgorithm: ecdsa,
    ...content.validity,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(usages),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      new x509.SubjectAlternativeNameExtension([
        ...content.uris.map((value) => ({ type: x509.URL, value }) as const),
        ...content.hosts.map((value) => ({ type: isIP(value) ? x509.IP : x509.DNS, value }) as const),
      ]),
    ],
  });
  return toPem(certificate);
}

function importCaKey(keyPem: string): Promise<webcrypto.CryptoKey> {
  return crypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(keyPem), ecdsa, false, ['sign']);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

function toPem(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}
