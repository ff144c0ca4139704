import { randomUUID } from 'node:crypto';
import { type Emergency, EmergencyActivation, EmergencyReview } from '#gen/rangkiang/permit/v1/emergency.ts';
import { PolicyChange } from '#gen/rangkiang/permit/v1/policy.ts';
import { printJson } from '#mesh/contract.ts';
import { signActivation, signReview } from '#mesh/emergency.ts';
import type { Credential } from '../../cli/ca/certificate.ts';
import type { Signer } from './signing-keys.ts';

const HOUR_MS = 3_600_000;

/** What an Izin says of emergencies: these persons, by their places. */
export function emergencyOf(persons: readonly Signer[], hours = 72): Emergency {
  const named = persons.map(({ key }, index) => ({ name: `Pejabat ${index + 1}`, certificate: key.certificate.raw }));
  return { persons: named, hours };
}

/** An activation from `fromMs` on, or what `changes` say. */
export function activationOf(permitId: string, fromMs: number, changes: Partial<EmergencyActivation> = {}) {
  return EmergencyActivation.create({
    permitId,
    version: 0,
    activationId: randomUUID(),
    from: new Date(fromMs),
    until: new Date(fromMs + 72 * HOUR_MS),
    reason: 'Gempa bumi dan peringatan dini tsunami',
    ...changes,
  });
}

/** The activation, signed by each of these. */
export function confirm(activation: EmergencyActivation, ...by: readonly Credential[]): Promise<string[]> {
  const text = printJson('rangkiang.permit.v1.EmergencyActivation', EmergencyActivation.encode(activation).finish());
  return Promise.all(by.map(({ keyPem, certPem }) => signActivation(Buffer.from(text), keyPem, certPem)));
}

/** A review of an activation, signed. */
export function review(
  { permitId, activationId }: Pick<EmergencyActivation, 'permitId' | 'activationId'>,
  { keyPem, certPem }: Credential,
): Promise<string> {
  const document = { permitId, activationId, remarks: 'Pemakaian sudah diperiksa dan wajar.' };
  const text = printJson('rangkiang.permit.v1.EmergencyReview', EmergencyReview.encode(document).finish());
  return signReview(Buffer.from(text), keyPem, certPem);
}

/** Bytes of the change that activates a permit. */
export function activated(permitId: string, jws: readonly string[]): Buffer {
  return bytes({ $case: 'emergencyActivated', value: { permitId, jws: [...jws] } });
}

/** Bytes of the change that closes a review. */
export function reviewed(permitId: string, jws: string): Buffer {
  return bytes({ $case: 'emergencyReviewed', value: { permitId, jws } });
}

function bytes(change: NonNullable<PolicyChange['change']>): Buffer {
  return Buffer.from(PolicyChange.encode({ change }).finish());
}
