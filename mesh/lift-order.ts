import { DirectiveTarget, LiftOrder } from '#gen/rangkiang/permit/v1/directive.ts';
import { type SignedKind, signDocument, verifyDocument } from './izin.ts';
import type { SigningKeys } from './signing-keys.ts';

// Its own `typ`: a signed Izin can never be taken for an order to lift, nor the other way round.
const LIFT_KIND: SignedKind = { typ: 'rangkiang-lift+json', message: 'rangkiang.permit.v1.LiftOrder' };

/**
 * Signs the ProtoJSON text of a LiftOrder (UTF-8) as it is, with the key (PEM, PKCS #8) of the certificate `certPem`.
 * Answers a JWS in compact form; checks nothing of the text.
 */
export function signLiftOrder(text: Uint8Array, privateKeyPem: string, certPem: string): Promise<string> {
  return signDocument(LIFT_KIND, text, privateKeyPem, certPem);
}

/** Verifies a signed LiftOrder as `verifyIzin` does an Izin. */
export async function verifyLiftOrder(jws: string, keys: SigningKeys): Promise<LiftOrder> {
  return LiftOrder.decode((await verifyDocument(LIFT_KIND, jws, keys)).bytes);
}

/** Whether an order to lift and a freeze name the same target, to the last byte. */
export function isSameTarget(one: DirectiveTarget | undefined, other: DirectiveTarget | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return DirectiveTarget.encode(one).finish().equals(DirectiveTarget.encode(other).finish());
}
