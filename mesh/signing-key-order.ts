import { SigningKeyOrder } from '#gen/rangkiang/permit/v1/signing_key.ts';
import { MeshError } from './errors.ts';
import { type SignedKind, signDocument, verifyDocument } from './izin.ts';
import { type SigningKey, type SigningKeys, signingKeyOf } from './signing-keys.ts';

const ORDER_KIND: SignedKind = {
  typ: 'rangkiang-key-order+json',
  message: 'rangkiang.permit.v1.SigningKeyOrder',
  byAuthority: true,
};

/** What an order comes to. */
export interface OrderedKeys {
  readonly order: SigningKeyOrder;
  /** The keys after it. */
  readonly keys: SigningKeys;
  /** The key that begins; undefined when none does. */
  readonly begun: SigningKey | undefined;
}

/** Signs the ProtoJSON text of a SigningKeyOrder as it is; answers a JWS in compact form. */
export function signKeyOrder(text: Uint8Array, privateKeyPem: string, certPem: string): Promise<string> {
  return signDocument(ORDER_KIND, text, privateKeyPem, certPem);
}

/**
 * The keys after a signed order; `keys` stay as they are. A key ends by its own signature or by that of a pinned
 * authority, and for ever: none begins twice. Brokers and the permit service both take this step, one order after the
 * other, so that the keys in force follow from what is pinned and from signatures alone.
 *
 * Throws as `verifyIzin` does, and SIGNING_KEY_UNKNOWN or SIGNING_KEY_UNUSABLE.
 */
export async function withKeyOrder(keys: SigningKeys, jws: string): Promise<OrderedKeys> {
  const { bytes, signer } = await verifyDocument(ORDER_KIND, jws, keys);
  const order = SigningKeyOrder.decode(bytes);
  const after = new Map(keys);
  if (order.ends !== '' || !signer.isAuthority) {
    const ending = keys.get(order.ends);
    const mayEnd = ending !== undefined && (signer.isAuthority ? !ending.isAuthority : ending === signer);
    if (!mayEnd) throw new MeshError('SIGNING_KEY_UNKNOWN');
    if (ending.isEnded) throw new MeshError('SIGNING_KEY_ENDED');
    after.set(order.ends, Object.freeze({ ...ending, isEnded: true }));
  }
  const begun = order.begins.length > 0 ? newKey(keys, order.begins) : undefined;
  if (begun) after.set(begun.thumbprint, begun);
  return { order, keys: after, begun };
}

/** A new certificate over a key that was in use is no rotation: who holds the old key holds the new one. */
function newKey(keys: SigningKeys, certificate: Buffer): SigningKey {
  let key: SigningKey;
  try {
    key = signingKeyOf(certificate);
  } catch (cause) {
    throw new MeshError('SIGNING_KEY_UNUSABLE', { cause });
  }
  const isUsed = [...keys.values()].some(({ publicKey }) => publicKey.equals(key.publicKey));
  if (isUsed || key.isAuthority) throw new MeshError('SIGNING_KEY_UNUSABLE');
  return key;
}
