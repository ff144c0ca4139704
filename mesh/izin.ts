import { createPrivateKey, hash, type KeyObject, X509Certificate } from 'node:crypto';
import { CompactSign, compactVerify } from 'jose';
import { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { Pemulihan } from '#gen/rangkiang/permit/v1/life_cycle.ts';
import { parseJson, validate } from './contract.ts';
import { MeshError } from './errors.ts';

const ALGORITHM = 'EdDSA';

/** A kind of document that the Walikota signs: its message in the contract, and the header's `typ`. */
interface DocumentKind {
  readonly message: string;
  readonly typ: string;
}
const IZIN: DocumentKind = { message: 'rangkiang.permit.v1.Izin', typ: 'rangkiang-izin+json' };
const PEMULIHAN: DocumentKind = { message: 'rangkiang.permit.v1.Pemulihan', typ: 'rangkiang-pemulihan+json' };

/** A verified Izin: the message, and its binary form. */
export interface VerifiedIzin {
  readonly bytes: Uint8Array;
  readonly izin: Izin;
}

interface Signer {
  readonly publicKey: KeyObject;
  /** The header's `x5t#S256`: SHA-256 of the certificate in DER, base64url. */
  readonly thumbprint: string;
}

/** Throws when the certificate's key is not Ed25519, the only kind that alg EdDSA means here. */
function signerOf(certPem: string): Signer {
  const certificate = new X509Certificate(certPem);
  const { publicKey } = certificate;
  if (publicKey.asymmetricKeyType !== 'ed25519') throw new Error('the signing certificate must hold an Ed25519 key');
  return { publicKey, thumbprint: hash('sha256', certificate.raw, 'base64url') };
}

/** Throws when a certificate (PEM) cannot be pinned because its key is not Ed25519. For the start of a process. */
export function checkSigningCertificate(certPem: string): void {
  signerOf(certPem);
}

/**
 * Signs the ProtoJSON text of an Izin (UTF-8) as it is, with the key (PEM, PKCS #8) of the certificate `certPem`. Answers
 * a JWS in compact form. Checks nothing of the text: that is for `verifyIzin`, which also the signer should call.
 */
export function signIzin(text: Uint8Array, privateKeyPem: string, certPem: string): Promise<string> {
  return sign(IZIN, text, privateKeyPem, certPem);
}

/** The same for the ProtoJSON text of a Pemulihan, which lifts a suspension. */
export function signPemulihan(text: Uint8Array, privateKeyPem: string, certPem: string): Promise<string> {
  return sign(PEMULIHAN, text, privateKeyPem, certPem);
}

function sign({ typ }: DocumentKind, text: Uint8Array, privateKeyPem: string, certPem: string): Promise<string> {
  return new CompactSign(text)
    .setProtectedHeader({ alg: ALGORITHM, typ, 'x5t#S256': signerOf(certPem).thumbprint })
    .sign(createPrivateKey(privateKeyPem));
}

/**
 * Verifies a signed Izin against the pinned certificate (PEM): signature over the exact payload bytes, a header of
 * exactly alg, typ and x5t#S256, and a payload that can be read in one way only. The certificate's own dates are not
 * looked at: whoever pins it answers for it.
 *
 * Throws MeshError SIGNATURE_INVALID, or REQUEST_INVALID with the fields of the signed document that break a rule.
 */
export async function verifyIzin(jws: string, pinnedCertPem: string): Promise<VerifiedIzin> {
  const bytes = await verify(IZIN, jws, pinnedCertPem);
  return { bytes, izin: Izin.decode(bytes) };
}

/** The same for a signed Pemulihan. */
export async function verifyPemulihan(jws: string, pinnedCertPem: string): Promise<Pemulihan> {
  return Pemulihan.decode(await verify(PEMULIHAN, jws, pinnedCertPem));
}

async function verify({ message, typ }: DocumentKind, jws: string, pinnedCertPem: string): Promise<Uint8Array> {
  const payload = Buffer.from(await verifiedPayload(jws, signerOf(pinnedCertPem), typ));
  const text = payload.toString('utf8');
  const bytes = parseJson(message, text);
  if (!hasOneReading(text, payload)) {
    throw new MeshError('REQUEST_INVALID', {
      violations: [{ field: message, description: 'must be UTF-8 with each field once, by its lowerCamelCase name' }],
    });
  }
  validate(message, bytes);
  return bytes;
}

async function verifiedPayload(jws: string, signer: Signer, wantedTyp: string): Promise<Uint8Array> {
  try {
    const { payload, protectedHeader } = await compactVerify(jws, signer.publicKey, { algorithms: [ALGORITHM] });
    const { alg, typ, 'x5t#S256': thumbprint, ...more } = protectedHeader;
    if (typ === wantedTyp && thumbprint === signer.thumbprint && Object.keys(more).length === 0) return payload;
  } catch (cause) {
    throw new MeshError('SIGNATURE_INVALID', { cause });
  }
  throw new MeshError('SIGNATURE_INVALID');
}

/**
 * Whether every reader of this JSON sees what we see. JSON.parse keeps the last of two equal names and ProtoJSON
 * takes "row_cap" for "rowCap", so one signed text could show a person one value and give us another. We compare the
 * names in the text with those that were kept.
 */
function hasOneReading(text: string, payload: Buffer): boolean {
  if (!Buffer.from(text).equals(payload)) return false;
  const strings = [...text.matchAll(/"((?:[^"\\]|\\.)*)"(\s*:)?/g)];
  const names = strings.filter(([, , colon]) => colon).map(([, name = '']) => name);
  return names.every((name) => /^[a-zA-Z]+$/.test(name)) && names.length === countNames(JSON.parse(text));
}

function countNames(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce((sum: number, part) => sum + countNames(part), own);
}
