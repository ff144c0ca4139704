import { createPrivateKey, X509Certificate } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, errors } from 'jose';
import { CliFailure } from '../failure.ts';

/** Seals bytes for the holder of a certificate's key (EC): JWE in compact form, ECDH-ES with A256GCM (RFC 7516, 7518). */
export async function sealFor(certPem: string, bytes: Uint8Array): Promise<string> {
  return new CompactEncrypt(bytes)
    .setProtectedHeader({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM' })
    .encrypt(new X509Certificate(certPem).publicKey);
}

/** Opens what was sealed for the certificate of this key. Throws a CliFailure when it was sealed for another, or was changed. */
export async function openWith(keyPem: string, jwe: string): Promise<Buffer> {
  try {
    const { plaintext } = await compactDecrypt(jwe.trim(), createPrivateKey(keyPem));
    return Buffer.from(plaintext);
  } catch (cause) {
    if (!(cause instanceof errors.JOSEError)) throw cause;
    const text = {
      id: 'Berkas ini tidak disegel untuk kunci ini, atau telah berubah.',
      en: 'This file was not sealed for this key, or it was changed.',
    };
    throw new CliFailure(text, 1, { cause });
  }
}
