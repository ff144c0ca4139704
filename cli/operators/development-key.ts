import { readFile } from 'node:fs/promises';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';
import { OPERATOR_AUDIENCE, OPERATOR_TOKEN_SECONDS } from '../../mesh/operator.ts';
import { secretMode, writeFileAtomic } from '../ca/files.ts';
import { type Caller, callerId } from '../state/callers.ts';
import type { Layout } from '../state/layout.ts';

/** The key by which a development mesh asserts the operators of one OPD. A real OPD's key never leaves its own issuer. */
export interface DevelopmentKey {
  /** Name of the issuer, `iss`. */
  readonly issuer: string;
  readonly secret: JWK;
  /** The JWK Set to register, as text. */
  readonly jwks: string;
}

/** The OPD's development key, made when it is asked for first. */
export async function developmentKey(layout: Layout, opd: string): Promise<DevelopmentKey> {
  const path = layout.operatorKey(opd);
  let secret: JWK;
  try {
    secret = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    secret = await makeKey();
    await writeFileAtomic(path, `${JSON.stringify(secret)}\n`, secretMode);
  }
  const { d: _, ...shown } = secret;
  return { issuer: `${opd.toLowerCase()}.pengembangan`, secret, jwks: JSON.stringify({ keys: [shown] }) };
}

async function makeKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('EdDSA', { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, alg: 'EdDSA', use: 'sig', kid: await calculateJwkThumbprint(jwk) };
}

/** What an issuer says of the operator at a caller's system. */
export interface OperatorClaims {
  /** The operator's id. */
  readonly sub: string;
  readonly name: string | undefined;
  /** Minutes that it is good for. */
  readonly minutes: number;
}

/** Asserts an operator for calls by `caller`, as the OPD's issuer does when the operator signs in. */
export async function signOperatorToken(
  { issuer, secret }: DevelopmentKey,
  caller: Caller,
  { sub, name, minutes }: OperatorClaims,
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    opd: caller.opd,
    unit: caller.unit,
    sistem: callerId(caller),
    ...(name === undefined ? {} : { name }),
  };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'EdDSA', kid: secret.kid ?? '' })
    .setIssuer(issuer)
    .setAudience(OPERATOR_AUDIENCE)
    .setSubject(sub)
    .setIssuedAt(now)
    .setExpirationTime(now + minutes * 60)
    .sign(await importJWK(secret, 'EdDSA'));
}

/** Minutes that a token may be good for. */
export const longestMinutes: number = OPERATOR_TOKEN_SECONDS / 60;
