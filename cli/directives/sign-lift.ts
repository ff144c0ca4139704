import { printJson } from '../../mesh/contract.ts';
import { signLiftOrder, verifyLiftOrder } from '../../mesh/lift-order.ts';
import { pinnedKeys } from '../../mesh/signing-keys.ts';
import { LiftOrder } from '../../proto/gen/rangkiang/permit/v1/directive.ts';
import { readWalikotaKey } from '../permits/sign.ts';
import type { Layout } from '../state/layout.ts';

/**
 * Signs an order to lift with the Walikota's key, which lies on the Walikota's machine only; answers the JWS. Throws
 * MeshError REQUEST_INVALID when the order breaks a rule of the contract, before anything is sent.
 */
export async function signLiftAsWalikota(layout: Layout, order: LiftOrder): Promise<string> {
  const { certPem, keyPem } = await readWalikotaKey(layout);
  const text = printJson('rangkiang.permit.v1.LiftOrder', LiftOrder.encode(order).finish());
  const jws = await signLiftOrder(Buffer.from(text), keyPem, certPem);
  await verifyLiftOrder(jws, pinnedKeys(certPem));
  return jws;
}
