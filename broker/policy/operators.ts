import { hash, type KeyObject } from 'node:crypto';
import { OperatorKeyAlgorithm } from '#gen/rangkiang/permit/v1/operator.ts';
import type {
  OperatorKeysRegistered,
  OperatorKeysWithdrawn,
  OperatorWithdrawn,
  PolicyChange,
} from '#gen/rangkiang/permit/v1/policy.ts';
import { operatorPublicKey } from '#mesh/operator.ts';

/** A key that asserts operators of an OPD. */
export interface OperatorSigner {
  readonly algorithm: 'EdDSA' | 'ES256';
  readonly key: KeyObject;
  /** Tells keys apart, whichever process read them: SHA-256 of the public bytes, hex. */
  readonly thumbprint: string;
  /** Digest (hex) of the only operator that it may assert; empty for every operator of the OPD. */
  readonly only: string;
}

/** What one OPD has registered and withdrawn. Never changed, only replaced. */
export interface OpdOperators {
  /** Issuer -> kid -> key. The place of a withdrawn key stays taken. */
  readonly issuers: ReadonlyMap<string, ReadonlyMap<string, OperatorSigner | 'WITHDRAWN'>>;
  /** Digests (hex) of withdrawn operators. */
  readonly withdrawn: ReadonlySet<string>;
}

/** By OPD code. */
export type Operators = ReadonlyMap<string, OpdOperators>;

/** The operator of a call, as far as the policy can say something about it. */
export interface AssertedOperator {
  readonly issuer: string;
  readonly kid: string;
  /** Of the key that verified the token. */
  readonly thumbprint: string;
  /** mesh/operator.ts `operatorDigest`, hex. */
  readonly digest: string;
}

/** Why a registration does not count. */
export type OperatorKeyFault = 'OPERATOR_KEY_UNUSABLE';

type Change = NonNullable<PolicyChange['change']>;
type OperatorChange = Extract<
  Change,
  { $case: 'operatorKeysRegistered' | 'operatorKeysWithdrawn' | 'operatorWithdrawn' }
>;

const NOBODY: OpdOperators = { issuers: new Map(), withdrawn: new Set() };
const DIGEST_BYTES = 32;

/** Whether a change that withdraws says what it withdraws; true for every other change. */
export function operatorsAreNamed(change: Change): boolean {
  if (change.$case === 'operatorKeysWithdrawn') {
    const { opd, issuer, kids } = change.value;
    return opd !== '' && issuer !== '' && kids.length > 0 && !kids.includes('');
  }
  if (change.$case === 'operatorWithdrawn') {
    return change.value.opd !== '' && change.value.operatorDigest.length === DIGEST_BYTES;
  }
  return true;
}

/**
 * The operators after a change; the fault when it registers a key that is none, and then nothing of it counts. What is
 * withdrawn is so for ever: a registration whose record came late does not bring it back.
 */
export function operatorsAfter(operators: Operators, change: OperatorChange): Operators | OperatorKeyFault {
  const { opd } = change.value;
  const before = operators.get(opd) ?? NOBODY;
  const after = opdAfter(before, change);
  return typeof after === 'string' ? after : new Map(operators).set(opd, after);
}

function opdAfter(before: OpdOperators, change: OperatorChange): OpdOperators | OperatorKeyFault {
  switch (change.$case) {
    case 'operatorKeysRegistered':
      return withKeys(before, change.value);
    case 'operatorKeysWithdrawn':
      return withoutKeys(before, change.value);
    case 'operatorWithdrawn':
      return withoutOperator(before, change.value);
  }
}

function withKeys(before: OpdOperators, { issuer, keys, operatorDigest }: OperatorKeysRegistered) {
  if (operatorDigest.length !== 0 && operatorDigest.length !== DIGEST_BYTES) return 'OPERATOR_KEY_UNUSABLE';
  const slots = new Map(before.issuers.get(issuer));
  for (const entry of keys) {
    const key = operatorPublicKey(entry);
    if (!key || issuer === '' || entry.kid === '') return 'OPERATOR_KEY_UNUSABLE';
    // The first key of a name stands; the permit service refuses a second one.
    if (slots.has(entry.kid)) continue;
    const algorithm = entry.algorithm === OperatorKeyAlgorithm.EDDSA ? 'EdDSA' : 'ES256';
    const thumbprint = hash('sha256', entry.publicKey, 'hex');
    slots.set(entry.kid, Object.freeze({ algorithm, key, thumbprint, only: operatorDigest.toString('hex') }));
  }
  return { ...before, issuers: new Map(before.issuers).set(issuer, slots) };
}

function withoutKeys(before: OpdOperators, { issuer, kids }: OperatorKeysWithdrawn): OpdOperators {
  const slots = new Map(before.issuers.get(issuer));
  for (const kid of kids) slots.set(kid, 'WITHDRAWN');
  return { ...before, issuers: new Map(before.issuers).set(issuer, slots) };
}

function withoutOperator(before: OpdOperators, { operatorDigest }: OperatorWithdrawn): OpdOperators {
  return { ...before, withdrawn: new Set(before.withdrawn).add(operatorDigest.toString('hex')) };
}

/** Whether an operator who was verified may still be asserted by the same key; `own` is of the caller's OPD. */
export function stands(operator: AssertedOperator, own: OpdOperators | undefined): boolean {
  const key = own?.issuers.get(operator.issuer)?.get(operator.kid);
  if (own === undefined || key === undefined || key === 'WITHDRAWN') return false;
  if (key.thumbprint !== operator.thumbprint || own.withdrawn.has(operator.digest)) return false;
  return key.only === '' || key.only === operator.digest;
}
