import { createPrivateKey, hash } from 'node:crypto';
import { CompactSign, compactVerify, decodeProtectedHeader } from 'jose';
import { Aktivasi } from '#gen/rangkiang/permit/v1/aktivasi.ts';
import { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { Pemulihan } from '#gen/rangkiang/permit/v1/life_cycle.ts';
import { parseJson, validate } from './contract.ts';
import { MeshError } from './errors.ts';
import { hasOneReading } from './one-reading.ts';
import { type SigningKey, type SigningKeys, signingKeyOf } from './signing-keys.ts';

const ALGORITHM = 'EdDSA';

/** A kind of document that is signed: the header's `typ`, and the message in the payload. */
export interface SignedKind {
  readonly typ: string;
  readonly message: string;
  /** An office authority may sign it too, which signs nothing else. */
  readonly byAuthority?: true;
}

const IZIN_KIND: SignedKind = { typ: 'rangkiang-izin+json', message: 'rangkiang.permit.v1.Izin' };
const AKTIVASI_KIND: SignedKind = { typ: 'rangkiang-aktivasi+json', message: 'rangkiang.permit.v1.Aktivasi' };
const PEMULIHAN_KIND: SignedKind = { typ: 'rangkiang-pemulihan+json', message: 'rangkiang.permit.v1.Pemulihan' };

/** A verified Izin: the message, and its binary form. */
export interface VerifiedIzin {
  readonly bytes: Uint8Array;
  readonly izin: Izin;
}

/** The message of a signed document in its binary form, and whose signature it bears. */
export interface VerifiedDocument {
  readonly bytes: Uint8Array;
  readonly signer: SigningKey;
}

/**
 * Signs the ProtoJSON text of an Izin (UTF-8) as it is, with the key (PEM, PKCS #8) of the certificate `certPem`. Answers
 * a JWS in compact form. Checks nothing of the text: that is for `verifyIzin`, which also the signer should call.
 */
export function signIzin(text: Uint8Array, privateKeyPem: string, certPem: string): Promise<string> {
  return signDocument(IZIN_KIND, text, privateKeyPem, certPem);
}

/** The same for the ProtoJSON text of an Aktivasi, which activates a permit. */
export function signAktivasi(text: Uint8Array, privateKeyPem: string, certPem: string): Promise<string> {
  return signDocument(AKTIVASI_KIND, text, privateKeyPem, certPem);
}

/** The same for the ProtoJSON text of a Pemulihan, which lifts a suspension. */
export function signPemulihan(text: Uint8Array, privateKeyPem: string, certPem: string): Promise<string> {
  return signDocument(PEMULIHAN_KIND, text, privateKeyPem, certPem);
}

/**
 * As `signIzin`, for a document of any kind. The header's `iat` says when it was signed, in seconds: a certificate's
 * validity is held against this moment, so that what was signed in time counts whenever it is read.
 */
export function signDocument(
  { typ }: SignedKind,
  text: Uint8Array,
  privateKeyPem: string,
  certPem: string,
  signedAt: Date = new Date(),
): Promise<string> {
  const iat = Math.floor(signedAt.getTime() / 1000);
  return new CompactSign(text)
    .setProtectedHeader({ alg: ALGORITHM, typ, 'x5t#S256': signingKeyOf(certPem).thumbprint, iat })
    .sign(createPrivateKey(privateKeyPem));
}

/**
 * Verifies a signed Izin against the keys that may sign: signature over the exact payload bytes, a header of exactly alg,
 * typ, x5t#S256 and iat, and a payload that can be read in one way only.
 *
 * Throws MeshError SIGNATURE_INVALID, SIGNING_KEY_ENDED, SIGNING_KEY_EXPIRED, or REQUEST_INVALID with the fields of the
 * signed document that break a rule.
 */
export async function verifyIzin(jws: string, keys: SigningKeys): Promise<VerifiedIzin> {
  const { bytes } = await verifyDocument(IZIN_KIND, jws, keys);
  return { bytes, izin: Izin.decode(bytes) };
}

/** The same for a signed Aktivasi. Whether it is that of some Izin is for the caller. */
export async function verifyAktivasi(jws: string, keys: SigningKeys): Promise<Aktivasi> {
  return Aktivasi.decode((await verifyDocument(AKTIVASI_KIND, jws, keys)).bytes);
}

/** How both documents of a permit are verified. */
export const permitVerifiers = { izin: verifyIzin, aktivasi: verifyAktivasi } as const;

/** SHA-256 of a signed Izin, by which its Aktivasi names it. */
export function izinDigest(jws: string): Buffer {
  return hash('sha256', jws, 'buffer');
}

/** The same for a signed Pemulihan. */
export async function verifyPemulihan(jws: string, keys: SigningKeys): Promise<Pemulihan> {
  return Pemulihan.decode((await verifyDocument(PEMULIHAN_KIND, jws, keys)).bytes);
}

/** As `verifyIzin`, for a document of any kind. Every signature that widens something is verified here. */
export async function verifyDocument(kind: SignedKind, jws: string, keys: SigningKeys): Promise<VerifiedDocument> {
  const { signer, payload: signed } = await verifySignature(kind, jws, keys);
  const payload = Buffer.from(signed);
  const text = payload.toString('utf8');
  const { message } = kind;
  const bytes = parseJson(message, text);
  // ProtoJSON takes "row_cap" for "rowCap", so one signed text could show a person one value and give us another.
  if (!hasOneReading(text, payload, /^[a-zA-Z]+$/)) {
    throw new MeshError('REQUEST_INVALID', {
      violations: [{ field: message, description: 'must be UTF-8 with each field once, by its lowerCamelCase name' }],
    });
  }
  validate(message, bytes);
  return { bytes, signer };
}

/** Thumbprint of the certificate that a signed document names. Verifies nothing. */
export function signerOf(jws: string): string {
  return String(decodeProtectedHeader(jws)['x5t#S256']);
}

async function verifySignature(kind: SignedKind, jws: string, keys: SigningKeys) {
  const { signer, signedAtMs, payload } = await verifyBytes(kind, jws, keys).catch((cause: unknown) => {
    throw new MeshError('SIGNATURE_INVALID', { cause });
  });
  if (signer.isEnded) throw new MeshError('SIGNING_KEY_ENDED');
  if (signedAtMs < signer.notBeforeMs || signedAtMs > signer.notAfterMs) throw new MeshError('SIGNING_KEY_EXPIRED');
  return { signer, payload };
}

/** Rejects unless the signature is that of the key which the header names. */
async function verifyBytes(kind: SignedKind, jws: string, keys: SigningKeys) {
  const signer = keys.get(signerOf(jws));
  if (signer === undefined) throw new Error('nobody knows the key');
  if (signer.isAuthority && !kind.byAuthority) throw new Error('an authority signs no such document');
  const { payload, protectedHeader } = await compactVerify(jws, signer.publicKey, { algorithms: [ALGORITHM] });
  const { alg, typ, 'x5t#S256': thumbprint, iat, ...more } = protectedHeader;
  if (typ !== kind.typ || !Number.isSafeInteger(iat) || Object.keys(more).length > 0) throw new Error('another header');
  return { signer, signedAtMs: Number(iat) * 1000, payload };
}
