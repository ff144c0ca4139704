import { parseJson, printJson } from '../../mesh/contract.ts';
import { signActivation, signReview } from '../../mesh/emergency.ts';
import { EmergencyActivation, EmergencyReview } from '../../proto/gen/rangkiang/permit/v1/emergency.ts';
import type { Credential } from '../ca/certificate.ts';

const ACTIVATION = 'rangkiang.permit.v1.EmergencyActivation';

/** Signs an activation as one official; answers the JWS. */
export function signActivationAs({ keyPem, certPem }: Credential, activation: EmergencyActivation): Promise<string> {
  const text = printJson(ACTIVATION, EmergencyActivation.encode(activation).finish());
  return signActivation(Buffer.from(text), keyPem, certPem);
}

/** The activation that another official signed, for this one to read and sign too. Its signature is verified by whoever counts it. */
export function readConfirmed(jws: string): EmergencyActivation {
  const [, payload = ''] = jws.trim().split('.');
  return EmergencyActivation.decode(parseJson(ACTIVATION, Buffer.from(payload, 'base64url').toString('utf8')));
}

/** Signs a review as one official; answers the JWS. */
export function signReviewAs({ keyPem, certPem }: Credential, review: EmergencyReview): Promise<string> {
  const text = printJson('rangkiang.permit.v1.EmergencyReview', EmergencyReview.encode(review).finish());
  return signReview(Buffer.from(text), keyPem, certPem);
}
