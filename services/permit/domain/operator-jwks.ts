import { type OperatorKey, OperatorKeyAlgorithm } from '#gen/rangkiang/permit/v1/operator.ts';
import { operatorPublicKey } from '#mesh/operator.ts';

/** Keys that one JWK Set may hold. */
const MOST_KEYS = 20;
const KID = /^[!-~]{1,100}$/;
const COORDINATE_BYTES = 32;
/** Members of private and symmetric keys (RFC 7518). */
const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

type Json = Readonly<Record<string, unknown>>;

/** What is wrong with a JWK Set, and where; for a Violation. */
export interface JwksFault {
  readonly field: string;
  readonly description: string;
}

/** The keys of a JWK Set (RFC 7517), or the first fault. Public Ed25519 and P-256 keys only, each with a `kid`. */
export function readJwks(text: string): readonly OperatorKey[] | JwksFault {
  const set = parse(text);
  const keys = isObject(set) ? set.keys : undefined;
  if (!Array.isArray(keys)) return { field: 'jwks', description: 'must be a JWK Set in JSON: {"keys": [...]}' };
  if (keys.length === 0 || keys.length > MOST_KEYS) {
    return { field: 'jwks', description: `must hold 1 to ${MOST_KEYS} keys` };
  }
  const read: OperatorKey[] = [];
  for (const [index, jwk] of keys.entries()) {
    const key = isObject(jwk) ? readKey(jwk) : 'must be an object';
    const isTwice = typeof key === 'object' && read.some(({ kid }) => kid === key.kid);
    const description = isTwice ? 'has the kid of another key' : key;
    if (typeof description === 'string') return { field: `jwks.keys[${index}]`, description };
    read.push(description);
  }
  return read;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readKey(jwk: Json): OperatorKey | string {
  const { kid, use = 'sig', key_ops: operations = ['verify'] } = jwk;
  const secret = SECRET_MEMBERS.find((member) => Object.hasOwn(jwk, member));
  if (secret !== undefined)
    return `holds the private member "${secret}": register public keys only, and make a new key`;
  if (typeof kid !== 'string' || !KID.test(kid)) return 'must have a kid of 1 to 100 visible ASCII characters';
  if (use !== 'sig' || !Array.isArray(operations) || operations.some((name) => name !== 'verify')) {
    return 'must be for verifying signatures (use "sig", key_ops ["verify"])';
  }
  const read = readPublicBytes(jwk);
  if (!read) return 'must be an OKP key of Ed25519 (alg EdDSA) or an EC key of P-256 (alg ES256)';
  const key = { kid, ...read };
  return operatorPublicKey(key) ? key : 'is no point of its curve';
}

function readPublicBytes({ kty, crv, alg, x, y }: Json): Pick<OperatorKey, 'algorithm' | 'publicKey'> | undefined {
  const first = coordinate(x);
  if (!first) return undefined;
  if (kty === 'OKP' && crv === 'Ed25519' && (alg === undefined || alg === 'EdDSA')) {
    return { algorithm: OperatorKeyAlgorithm.EDDSA, publicKey: first };
  }
  const second = coordinate(y);
  if (kty === 'EC' && crv === 'P-256' && (alg === undefined || alg === 'ES256') && second) {
    return { algorithm: OperatorKeyAlgorithm.ES256, publicKey: Buffer.concat([first, second]) };
  }
  return undefined;
}

function coordinate(value: unknown): Buffer | undefined {
  if (typeof value !== 'string') return undefined;
  const bytes = Buffer.from(value, 'base64url');
  return bytes.length === COORDINATE_BYTES && bytes.toString('base64url') === value ? bytes : undefined;
}
