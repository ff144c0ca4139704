import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type OperatorKey, OperatorKeyAlgorithm } from '#gen/rangkiang/permit/v1/operator.ts';
import { PolicyChange } from '#gen/rangkiang/permit/v1/policy.ts';
import { OPERATOR_AUDIENCE, operatorDigest } from '#mesh/operator.ts';
import type { Caller } from '../../broker/caller.ts';
import { noon } from './policy.ts';

/** The system at which the operator sits. */
export const operatorsCaller: Caller = {
  kind: 'OPD',
  opd: 'DKK',
  unit: 'PKM-PAUH',
  system: 'simpus',
  serial: '01',
  thumbprint: 'A'.repeat(43),
  notAfterMs: Number.POSITIVE_INFINITY,
};

/** The issuer of the health office, and one operator. */
export const ISSUER = 'https://sso.dkk.padang.go.id';
export const SUB = '198001012005012003';

/** A key pair of an issuer, by its kid. */
export interface TestKey {
  readonly kid: string;
  readonly alg: 'EdDSA' | 'ES256';
  readonly privateKey: KeyObject;
  readonly registered: OperatorKey;
}

/** Makes a key pair. */
export function makeTestKey(kid: string, alg: 'EdDSA' | 'ES256' = 'EdDSA'): TestKey {
  const { privateKey } =
    alg === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  const publicKey = Buffer.concat([Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  const algorithm = alg === 'EdDSA' ? OperatorKeyAlgorithm.EDDSA : OperatorKeyAlgorithm.ES256;
  return { kid, alg, privateKey, registered: { kid, algorithm, publicKey } };
}

/** Bytes of the change that registers keys of an OPD; `operator` is the only one they may assert. */
export function keysRegistered(
  keys: readonly TestKey[],
  { opd = 'DKK', issuer = ISSUER, operator = '' }: { opd?: string; issuer?: string; operator?: string } = {},
): Buffer {
  const digest = operator === '' ? Buffer.alloc(0) : operatorDigest(opd, operator);
  const value = { opd, issuer, keys: keys.map(({ registered }) => registered), operatorDigest: digest };
  return change({ $case: 'operatorKeysRegistered', value });
}

/** Bytes of the change that withdraws keys. */
export function keysWithdrawn(kids: string[], { opd = 'DKK', issuer = ISSUER } = {}): Buffer {
  return change({ $case: 'operatorKeysWithdrawn', value: { opd, issuer, kids } });
}

/** Bytes of the change that withdraws an operator. */
export function operatorWithdrawn(operator: string, opd = 'DKK'): Buffer {
  return change({ $case: 'operatorWithdrawn', value: { opd, operatorDigest: operatorDigest(opd, operator) } });
}

function change(content: NonNullable<PolicyChange['change']>): Buffer {
  return Buffer.from(PolicyChange.encode({ change: content }).finish());
}

/** Claims that are right at noon for a call by `operatorsCaller`. */
export const rightClaims: Readonly<Record<string, unknown>> = {
  iss: ISSUER,
  aud: OPERATOR_AUDIENCE,
  sub: SUB,
  name: 'Siti Rahmawati',
  opd: 'DKK',
  unit: 'PKM-PAUH',
  sistem: 'spiffe://padang.go.id/opd/DKK/unit/PKM-PAUH/sistem/simpus',
  iat: noon / 1000,
  exp: noon / 1000 + 600,
};

/** One part of a token. */
export function part(content: string | Buffer): string {
  return Buffer.from(content).toString('base64url');
}

/** Signs any two texts with a key, whatever they say. */
export function signParts({ alg, privateKey }: TestKey, header: string, payload: string): string {
  const signed = `${part(header)}.${part(payload)}`;
  const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const;
  return `${signed}.${part(sign(alg === 'EdDSA' ? null : 'sha256', Buffer.from(signed), key))}`;
}

/** A token that is right but for what `changes` say; a claim that is undefined is left out. */
export function tokenOf(
  key: TestKey,
  changes: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
): string {
  const head = { alg: key.alg, kid: key.kid, ...header };
  return signParts(key, JSON.stringify(head), JSON.stringify({ ...rightClaims, ...changes }));
}
