import { hash, type KeyObject, X509Certificate } from 'node:crypto';

/** A certificate whose signatures count, now or in what was signed before it ended. */
export interface SigningKey {
  /** SHA-256 of the certificate in DER, base64url: what a document's header names as `x5t#S256`. */
  readonly thumbprint: string;
  readonly certificate: X509Certificate;
  readonly publicKey: KeyObject;
  /** Milliseconds since 1970 UTC: the first moment of the certificate's validity, and the last. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** It begins and ends other keys and signs nothing else: its certificate is that of an authority (CA:TRUE, keyCertSign). */
  readonly isAuthority: boolean;
  /** Replaced or withdrawn: it signs nothing more. What was in the policy before stands. */
  readonly isEnded: boolean;
}

/** The keys that may sign at one place of the policy, by thumbprint. Empty, nothing counts. Never changed, only replaced. */
export type SigningKeys = ReadonlyMap<string, SigningKey>;

/** Nobody's signature counts. */
export const noKeys: SigningKeys = new Map();

const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The key of a certificate (PEM or DER). Throws when it is none, or its key is not Ed25519, which alg EdDSA means here. */
export function signingKeyOf(certificate: string | Buffer): SigningKey {
  const parsed = new X509Certificate(certificate);
  const { publicKey } = parsed;
  if (publicKey.asymmetricKeyType !== 'ed25519') throw new Error('the signing certificate must hold an Ed25519 key');
  return Object.freeze({
    thumbprint: hash('sha256', parsed.raw, 'base64url'),
    certificate: parsed,
    publicKey,
    notBeforeMs: parsed.validFromDate.getTime(),
    notAfterMs: parsed.validToDate.getTime(),
    isAuthority: parsed.ca,
    isEnded: false,
  });
}

/**
 * The keys of the certificates that a process pins: one or several, PEM, one after the other. Throws when there is none or
 * one of them cannot sign.
 */
export function pinnedKeys(certificatesPem: string): SigningKeys {
  const found = certificatesPem.match(pem) ?? [];
  if (found.length === 0) throw new Error('no certificate is pinned');
  const keys = found.map(signingKeyOf);
  return new Map(keys.map((key) => [key.thumbprint, key]));
}
