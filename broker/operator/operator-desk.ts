import { createHmac, hash } from 'node:crypto';
import { MeshError } from '#mesh/errors.ts';
import { operatorDigest } from '#mesh/operator.ts';
import type { Caller } from '../caller.ts';
import type { PolicyTime } from '../policy/decide.ts';
import { type AssertedOperator, type OpdOperators, stands } from '../policy/operators.ts';
import type { Snapshot } from '../policy/snapshot.ts';
import { type Assertion, checkAssertion, readAssertion, verifySignature } from './assertion.ts';
import { operatorInvalid } from './faults.ts';

/** An operator whose assertion was verified. */
export interface VerifiedOperator {
  /** What the policy decides about. */
  readonly asserted: AssertedOperator;
  /** Id and name as asserted, "198001012005012003 Siti Rahma": personal, for the sealed part of a record only. */
  readonly label: string;
  /** Stands for the operator in records and limits: 32 hex digits. */
  readonly pseudonym: string;
}

interface Remembered {
  readonly assertion: Assertion;
  readonly operator: VerifiedOperator;
}

/** Tokens that are remembered, about 1.5 KB each; the city has some 5,000 operators at work. */
const REMEMBERED = 20_000;
const PSEUDONYM_DIGITS = 32;

/**
 * Verifies operators' assertions. Anew it costs some 200 us of CPU, so a token that was good is remembered by its SHA-256
 * until it expires; what can change from call to call (caller, time, withdrawals) is checked every time.
 */
export class OperatorDesk {
  readonly #pseudonymKey: Buffer;
  readonly #capacity: number;
  /** In the order in which they came, which is nearly that in which they expire. */
  readonly #remembered = new Map<string, Remembered>();

  /** `pseudonymKey` is the same for all brokers, or an operator has one pseudonym for each. */
  constructor(pseudonymKey: Buffer, capacity = REMEMBERED) {
    this.#pseudonymKey = pseudonymKey;
    this.#capacity = capacity;
  }

  /** How many tokens are remembered. */
  get size(): number {
    return this.#remembered.size;
  }

  /**
   * The operator that a token asserts. Synchronous. Throws MeshError OPERATOR_INVALID, whose values say which check failed,
   * or POLICY_STALE without a lease: then nobody knows the time.
   */
  verify(
    token: string,
    caller: Caller,
    { operators }: Pick<Snapshot, 'operators'>,
    time: PolicyTime,
  ): VerifiedOperator {
    if (!time.live) throw new MeshError('POLICY_STALE');
    const own = operators.get(caller.opd);
    const id = hash('sha256', token, 'base64url');
    const known = this.#remembered.get(id);
    if (known && stands(known.operator.asserted, own)) {
      checkAssertion(known.assertion, caller, time);
      return known.operator;
    }
    const fresh = this.#verifyAnew(token, caller, own, time);
    this.#remember(id, fresh, time);
    return fresh.operator;
  }

  #verifyAnew(token: string, caller: Caller, own: OpdOperators | undefined, time: PolicyTime): Remembered {
    const assertion = readAssertion(token);
    const { issuer, kid, name } = assertion;
    const { thumbprint, only } = verifySignature(assertion, own);
    checkAssertion(assertion, caller, time);
    const digest = operatorDigest(caller.opd, assertion.operator).toString('hex');
    if (only !== '' && only !== digest) throw operatorInvalid('SUBJECT');
    const asserted = { issuer, kid, thumbprint, digest };
    if (!stands(asserted, own)) throw operatorInvalid('WITHDRAWN');
    const label = name === '' ? assertion.operator : `${assertion.operator} ${name}`;
    const pseudonym = this.#pseudonym(caller.opd, assertion.operator);
    return { assertion, operator: Object.freeze({ asserted, label, pseudonym }) };
  }

  #pseudonym(opd: string, operator: string): string {
    const code = createHmac('sha256', this.#pseudonymKey).update(`${opd}\n${operator}`).digest('hex');
    return code.slice(0, PSEUDONYM_DIGITS);
  }

  #remember(id: string, fresh: Remembered, time: PolicyTime): void {
    // Two go for each that comes, so that expired ones never pile up; beyond the capacity the oldest goes in any case.
    for (const [oldest, { assertion }] of [...first(this.#remembered, 2)]) {
      const isFull = this.#remembered.size >= this.#capacity;
      if (isFull || assertion.expires * 1000 <= time.earliestMs) this.#remembered.delete(oldest);
    }
    this.#remembered.set(id, fresh);
  }
}

function first<K, V>(map: ReadonlyMap<K, V>, count: number): IteratorObject<[K, V]> {
  return map.entries().take(count);
}
