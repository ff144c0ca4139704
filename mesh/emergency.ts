import { type Emergency, EmergencyActivation, EmergencyReview } from '#gen/rangkiang/permit/v1/emergency.ts';
import type { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { MeshError } from './errors.ts';
import { type SignedKind, signDocument, verifyDocument } from './izin.ts';
import { type SigningKeys, signingKeyOf } from './signing-keys.ts';

const ACTIVATION_KIND: SignedKind = {
  typ: 'rangkiang-emergency-activation+json',
  message: 'rangkiang.permit.v1.EmergencyActivation',
};
const REVIEW_KIND: SignedKind = {
  typ: 'rangkiang-emergency-review+json',
  message: 'rangkiang.permit.v1.EmergencyReview',
};
const HOUR_MS = 3_600_000;
/** However the persons' Izin reads. */
const LONGEST_HOURS = 72;

/** Signs the ProtoJSON text of an EmergencyActivation as it is, as one of two persons; answers a JWS in compact form. */
export function signActivation(text: Uint8Array, privateKeyPem: string, certPem: string): Promise<string> {
  return signDocument(ACTIVATION_KIND, text, privateKeyPem, certPem);
}

/** The same for an EmergencyReview. */
export function signReview(text: Uint8Array, privateKeyPem: string, certPem: string): Promise<string> {
  return signDocument(REVIEW_KIND, text, privateKeyPem, certPem);
}

/**
 * The keys of the persons whom an emergency permit names. Throws MeshError EMERGENCY_UNFIT unless they are two persons at
 * least, each with a name and a key that is no other's: one who holds two of them would be two persons.
 */
export function personKeys({ persons }: Emergency): SigningKeys {
  try {
    const keys = persons.map(({ certificate }) => signingKeyOf(certificate));
    const names = new Set(persons.map(({ name }) => name));
    const points = new Set(keys.map(({ publicKey }) => publicKey.export({ format: 'jwk' }).x));
    const isFit = persons.length >= 2 && names.size === persons.length && points.size === persons.length;
    if (isFit && !keys.some(({ isAuthority }) => isAuthority)) return new Map(keys.map((key) => [key.thumbprint, key]));
  } catch (cause) {
    throw new MeshError('EMERGENCY_UNFIT', { cause });
  }
  throw new MeshError('EMERGENCY_UNFIT');
}

/**
 * Verifies that exactly two different persons signed one and the same activation of this very Izin, for no longer than it
 * allows. Throws as `verifyIzin` does, and EMERGENCY_UNFIT.
 */
export async function verifyActivation(signed: readonly string[], izin: Izin, persons: SigningKeys) {
  const [one, other, ...more] = await Promise.all(signed.map((jws) => verifyDocument(ACTIVATION_KIND, jws, persons)));
  if (!one || !other || more.length > 0 || one.signer === other.signer) throw new MeshError('EMERGENCY_UNFIT');
  if (!Buffer.from(one.bytes).equals(other.bytes)) throw new MeshError('EMERGENCY_UNFIT');
  const activation = EmergencyActivation.decode(one.bytes);
  const { permitId, version } = activation;
  const fromMs = Number(activation.from);
  const untilMs = Number(activation.until);
  const hours = Math.min(izin.emergency?.hours ?? 0, LONGEST_HOURS);
  const isFit = permitId === izin.permitId && version === izin.version && untilMs - fromMs <= hours * HOUR_MS;
  if (!isFit) throw new MeshError('EMERGENCY_UNFIT');
  return { activation, fromMs, untilMs };
}

/** Verifies that one of the persons signed the review. Throws as `verifyIzin` does. */
export async function verifyReview(jws: string, persons: SigningKeys): Promise<EmergencyReview> {
  return EmergencyReview.decode((await verifyDocument(REVIEW_KIND, jws, persons)).bytes);
}
