import { createPublicKey, hash, type JsonWebKey, type KeyObject } from 'node:crypto';
import { type OperatorKey, OperatorKeyAlgorithm } from '#gen/rangkiang/permit/v1/operator.ts';

/** `aud` of the assertions about operators that are meant for this mesh. */
export const OPERATOR_AUDIENCE = 'rangkiang.padang.go.id';
/** Seconds that an assertion may be good for, from `iat` to `exp`. */
export const OPERATOR_TOKEN_SECONDS = 600;

/**
 * Stands for an operator of an OPD (`sub` of the tokens) in the policy, SHA-256, 32 bytes. The policy's history is never
 * erased, so it holds no names. It is a pseudonym only: whoever can guess the ids can try them.
 */
export function operatorDigest(opd: string, operator: string): Buffer {
  return hash('sha256', `rangkiang operator\n${opd}\n${operator}`, 'buffer');
}

const COORDINATE_BYTES = 32;

/** The JWK of a key's bytes, undefined for a form that is none of ours. */
function jwkOf({ algorithm, publicKey }: Pick<OperatorKey, 'algorithm' | 'publicKey'>): JsonWebKey | undefined {
  const text = (from: number) => publicKey.subarray(from, from + COORDINATE_BYTES).toString('base64url');
  if (algorithm === OperatorKeyAlgorithm.EDDSA && publicKey.length === COORDINATE_BYTES) {
    return { kty: 'OKP', crv: 'Ed25519', x: text(0) };
  }
  if (algorithm === OperatorKeyAlgorithm.ES256 && publicKey.length === 2 * COORDINATE_BYTES) {
    return { kty: 'EC', crv: 'P-256', x: text(0), y: text(COORDINATE_BYTES) };
  }
  return undefined;
}

/** The key itself; undefined when the bytes are none, e.g. no point of the curve. */
export function operatorPublicKey(key: Pick<OperatorKey, 'algorithm' | 'publicKey'>): KeyObject | undefined {
  const jwk = jwkOf(key);
  if (!jwk) return undefined;
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return undefined;
  }
}
