import { rename } from 'node:fs/promises';
import { printJson } from '../../mesh/contract.ts';
import { signKeyOrder } from '../../mesh/signing-key-order.ts';
import { type SigningKey, signingKeyOf } from '../../mesh/signing-keys.ts';
import { SigningKeyOrder } from '../../proto/gen/rangkiang/permit/v1/signing_key.ts';
import type { Credential } from '../ca/certificate.ts';

/** Signs an order about the Walikota's keys; answers the JWS. */
export function signOrder(order: SigningKeyOrder, { certPem, keyPem }: Credential): Promise<string> {
  const text = printJson('rangkiang.permit.v1.SigningKeyOrder', SigningKeyOrder.encode(order).finish());
  return signKeyOrder(Buffer.from(text), keyPem, certPem);
}

/** The key of a credential. */
export function keyOf({ certPem }: Credential): SigningKey {
  return signingKeyOf(certPem);
}

/** Puts the credential `<next>` in the place of `<current>`, whose key signs nothing any more. The key first, as it was made. */
export async function putInPlace(next: string, current: string): Promise<void> {
  for (const file of ['key', 'crt']) await rename(`${next}.${file}`, `${current}.${file}`);
}
