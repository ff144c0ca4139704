import { verify } from 'node:crypto';
import { hasOneReading } from '#mesh/one-reading.ts';
import { OPERATOR_AUDIENCE, OPERATOR_TOKEN_SECONDS } from '#mesh/operator.ts';
import { opdId } from '#mesh/spiffe.ts';
import type { Caller } from '../caller.ts';
import type { PolicyTime } from '../policy/decide.ts';
import type { OpdOperators, OperatorSigner } from '../policy/operators.ts';
import { operatorInvalid } from './faults.ts';

/** What a token says; believed only once its signature is verified. */
export interface Assertion {
  readonly algorithm: string;
  readonly kid: string;
  readonly issuer: string;
  readonly audience: string;
  /** The operator's id, and the name where the issuer tells it (else empty): personal. */
  readonly operator: string;
  readonly name: string;
  readonly opd: string;
  readonly unit: string;
  readonly system: string;
  /** Seconds since 1970 UTC; `notBefore` is the later of iat and nbf. */
  readonly issuedAt: number;
  readonly notBefore: number;
  readonly expires: number;
  /** Of the certificate it is bound to; empty when it is bound to none. */
  readonly certificate: string;
  /** What was signed, and the signature. */
  readonly signed: Buffer;
  readonly signature: Buffer;
}

const LONGEST_TOKEN = 4096;
// An OPD's clock may be this far before ours. It lengthens nothing: `exp` is held against our own time.
const CLOCK_AHEAD_MS = 5_000;
const PART = /^[A-Za-z0-9_-]+$/;
const NAME = /^[^"\\]{1,100}$/;
const SUBJECT = /^[!-~]{1,128}$/;
const PERSON = /^[^\p{Cc}]{1,200}$/u;

type Json = Readonly<Record<string, unknown>>;

/** Reads a token without believing it. Throws MeshError OPERATOR_INVALID. */
export function readAssertion(token: string): Assertion {
  if (token.length > LONGEST_TOKEN) throw operatorInvalid('SIZE');
  const parts = token.split('.');
  const [header, payload, signature] = parts.map(bytesOf);
  if (parts.length !== 3 || !header || !payload || !signature) throw operatorInvalid('FORM');
  const { alg, kid, typ = 'JWT', ...more } = objectOf(header) ?? {};
  if (typeof alg !== 'string' || typeof kid !== 'string' || typ !== 'JWT' || Object.keys(more).length > 0) {
    throw operatorInvalid('HEADER');
  }
  if (alg !== 'EdDSA' && alg !== 'ES256') throw operatorInvalid('ALGORITHM');
  const claims = claimsOf(objectOf(payload) ?? {});
  const signed = Buffer.from(token.slice(0, token.lastIndexOf('.')));
  return { algorithm: alg, kid, ...claims, signed, signature };
}

/** The bytes of one part; undefined unless this is the one way to write them. */
function bytesOf(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return PART.test(part) && bytes.toString('base64url') === part ? bytes : undefined;
}

/** An object in JSON, that can be read in one way only. */
function objectOf(bytes: Buffer): Json | undefined {
  const text = bytes.toString('utf8');
  try {
    if (!hasOneReading(text, bytes, NAME)) return undefined;
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

function claimsOf({ iss, aud, sub, name, opd, unit, sistem, iat, nbf = iat, exp, cnf }: Json) {
  const wellFormed =
    typeof iss === 'string' &&
    typeof sub === 'string' &&
    SUBJECT.test(sub) &&
    (name === undefined || (typeof name === 'string' && PERSON.test(name))) &&
    typeof opd === 'string' &&
    typeof unit === 'string' &&
    typeof sistem === 'string' &&
    isSeconds(iat) &&
    isSeconds(nbf) &&
    isSeconds(exp);
  if (!wellFormed) throw operatorInvalid('CLAIMS');
  return {
    issuer: iss,
    // A list of audiences is none of ours: each of them could use the token here.
    audience: typeof aud === 'string' ? aud : '',
    operator: sub,
    name: name ?? '',
    opd,
    unit,
    system: sistem,
    issuedAt: iat,
    notBefore: Math.max(iat, nbf),
    expires: exp,
    certificate: certificateOf(cnf),
  };
}

function isSeconds(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** A token that is bound to something else than a certificate can be held against nothing here. */
function certificateOf(cnf: unknown): string {
  if (cnf === undefined) return '';
  const { 'x5t#S256': thumbprint, ...more } = typeof cnf === 'object' && cnf !== null ? (cnf as Json) : {};
  if (typeof thumbprint !== 'string' || thumbprint === '' || Object.keys(more).length > 0) {
    throw operatorInvalid('CERTIFICATE');
  }
  return thumbprint;
}

/** The key that verifies the token, by what the caller's OPD has registered. Throws MeshError OPERATOR_INVALID. */
export function verifySignature(assertion: Assertion, own: OpdOperators | undefined): OperatorSigner {
  const { issuer, kid, algorithm, signed, signature } = assertion;
  const keys = own?.issuers.get(issuer);
  if (!keys) throw operatorInvalid('ISSUER');
  const signer = keys.get(kid);
  if (!signer) throw operatorInvalid('KEY');
  if (signer === 'WITHDRAWN') throw operatorInvalid('WITHDRAWN');
  // The key says which algorithm it is for, not the token.
  if (signer.algorithm !== algorithm) throw operatorInvalid('ALGORITHM');
  const digest = algorithm === 'ES256' ? 'sha256' : null;
  if (!verify(digest, signed, { key: signer.key, dsaEncoding: 'ieee-p1363' }, signature)) {
    throw operatorInvalid('SIGNATURE');
  }
  return signer;
}

/** Holds what a token says against who calls and when (the authority's time, both ends). Throws OPERATOR_INVALID. */
export function checkAssertion(assertion: Assertion, caller: Caller, time: PolicyTime): void {
  const { opd, unit, system, issuedAt, notBefore, expires, certificate } = assertion;
  if (assertion.audience !== OPERATOR_AUDIENCE) throw operatorInvalid('AUDIENCE');
  if (opd !== caller.opd) throw operatorInvalid('OPD');
  if (unit !== caller.unit) throw operatorInvalid('UNIT');
  if (system !== opdId(caller.opd, caller.unit, caller.system)) throw operatorInvalid('SISTEM');
  if (expires <= issuedAt || expires - issuedAt > OPERATOR_TOKEN_SECONDS) throw operatorInvalid('LIFETIME');
  // Negated, so that a time that is not a number is outside.
  if (!(notBefore * 1000 <= time.earliestMs + CLOCK_AHEAD_MS)) throw operatorInvalid('NOT_YET');
  if (!(time.latestMs < expires * 1000)) throw operatorInvalid('EXPIRED');
  if (certificate !== '' && certificate !== caller.thumbprint) throw operatorInvalid('CERTIFICATE');
}
