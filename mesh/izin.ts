import { createPrivateKey, hash, type KeyObject, X509Certificate } from 'node:crypto';
import { CompactSign, compactVerify } from 'jose';
import { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { Pemulihan } from '#gen/rangkiang/permit/v1/life_cycle.ts';
import { parseJson, validate } from './contract.ts';
import { MeshError } from './errors.ts';
import { hasOneReading } from './one-reading.ts';

const ALGORITHM = 'EdDSA';

/** A kind of document that the Walikota signs: the header's `typ`, and the message in the payload. */
export interface SignedKind {
  readonly typ: string;
  readonly message: string;
}

const IZIN_KIND: SignedKind = { typ: 'rangkiang-izin+json', message: 'rangkiang.permit.v1.Izin' };
const PEMULIHAN_KIND: SignedKind = { typ: 'rangkiang-pemulihan+json', message: 'rangkiang.permit.v1.Pemulihan' };

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
  return signDocument(IZIN_KIND, text, privateKeyPem, certPem);
}

/** The same for the ProtoJSON text of a Pemulihan, which lifts a suspension. */
export function signPemulihan(text: Uint8Array, privateKeyPem: string, certPem: string): Promise<string> {
  return signDocument(PEMULIHAN_KIND, text, privateKeyPem, certPem);
}

/** As `signIzin`, for a document of any kind. */
export function signDocument(
  { typ }: SignedKind,
  text: Uint8Array,
  privateKeyPem: string,
  certPem: string,
): Promise<string> {
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
  const bytes = await verifyDocument(IZIN_KIND, jws, pinnedCertPem);
  return { bytes, izin: Izin.decode(bytes) };
}

/** The same for a signed Pemulihan. */
export async function verifyPemulihan(jws: string, pinnedCertPem: string): Promise<Pemulihan> {
  return Pemulihan.decode(await verifyDocument(PEMULIHAN_KIND, jws, pinnedCertPem));
}

/** As `verifyIzin`, for a document of any kind; answers the message in its binary form. */
export async function verifyDocument(
  { typ, message }: SignedKind,
  jws: string,
  pinnedCertPem: string,
): Promise<Uint8Array> {
  const payload = Buffer.from(await verifiedPayload(jws, typ, signerOf(pinnedCertPem)));
  const text = payload.toString('utf8');
  const bytes = parseJson(message, text);
  // ProtoJSON takes "row_cap" for "rowCap", so one signed text could show a person one value and give us another.
  if (!hasOneReading(text, payload, /^[a-zA-Z]+$/)) {
    throw new MeshError('REQUEST_INVALID', {
      violations: [{ field: message, description: 'must be UTF-8 with each field once, by its lowerCamelCase name' }],
    });
  }
  validate(message, bytes);
  return bytes;
}

async function verifiedPayload(jws: string, expectedTyp: string, signer: Signer): Promise<Uint8Array> {
  try {
    const { payload, protectedHeader } = await compactVerify(jws, signer.publicKey, { algorithms: [ALGORITHM] });
    const { alg, typ, 'x5t#S256': thumbprint, ...more } = protectedHeader;
    if (typ === expectedTyp && thumbprint === signer.thumbprint && Object.keys(more).length === 0) return payload;
  } catch (cause) {
    throw new MeshError('SIGNATURE_INVALID', { cause });
  }
  throw new MeshError('SIGNATURE_INVALID');
}
