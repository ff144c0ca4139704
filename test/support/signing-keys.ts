import { SigningKeyOrder } from '#gen/rangkiang/permit/v1/signing_key.ts';
import { printJson } from '#mesh/contract.ts';
import { signKeyOrder } from '#mesh/signing-key-order.ts';
import { type SigningKey, signingKeyOf } from '#mesh/signing-keys.ts';
import { type Credential, createSigningCredential, type Validity, validForDays } from '../../cli/ca/certificate.ts';

/** A signing credential with its key. */
export type Signer = Credential & { readonly key: SigningKey };

/** A new Ed25519 credential for documents, or an office authority. */
export async function newSigner(options: { isAuthority?: boolean; validity?: Validity } = {}): Promise<Signer> {
  const { isAuthority = false, validity = validForDays(365) } = options;
  const credential = await createSigningCredential('Walikota Uji', validity, isAuthority);
  return { ...credential, key: signingKeyOf(credential.certPem) };
}

/** An order signed by `by`: one key ends, another begins, or only one of both. */
export function orderBy(by: Credential, { ends, begins }: { ends?: Signer; begins?: Signer }): Promise<string> {
  const order = {
    number: '470/020/KUNCI/2026',
    ends: ends?.key.thumbprint ?? '',
    begins: begins?.key.certificate.raw ?? Buffer.alloc(0),
    reason: 'Pergantian kunci tahunan',
  };
  const text = printJson('rangkiang.permit.v1.SigningKeyOrder', SigningKeyOrder.encode(order).finish());
  return signKeyOrder(Buffer.from(text), by.keyPem, by.certPem);
}
