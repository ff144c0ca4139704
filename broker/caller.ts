import { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import type { DecisionInput } from '#gen/rangkiang/type/v1/decision_input.ts';
import type { Peer } from '#mesh/spiffe.ts';
import type { Headers } from './headers.ts';
import type { VerifiedOperator } from './operator/operator-desk.ts';
import { purposeByName } from './policy/purposes.ts';

/** A system of an OPD or office. */
export type Caller = Extract<Peer, { kind: 'OPD' }>;

/** What the policy was asked for a call. */
export interface Decided {
  readonly policyVersion: bigint;
  /** Undefined when nothing was decided, for want of a lease. */
  readonly input: DecisionInput | undefined;
  /** The permit that carries the call; empty until it was allowed. */
  permit: string;
}

/** What is known of a call that was not forwarded: enough to record why. */
export function refusedGrant(
  callId: Buffer,
  caller: Caller | undefined,
  headers: Headers | undefined,
  operator: VerifiedOperator | undefined,
  decided: Decided | undefined,
): Grant {
  return Grant.fromPartial({
    callId,
    opd: caller?.opd ?? '',
    unit: caller?.unit ?? '',
    system: caller?.system ?? '',
    purpose: purposeByName.get(headers?.purpose ?? '') ?? 0,
    permit: decided?.permit || headers?.permit || '',
    ...(decided && { policyVersion: decided.policyVersion, decision: decided.input }),
    operator: operator?.label ?? '',
    operatorPseudonym: operator?.pseudonym ?? '',
    caseNumber: headers?.caseNumber ?? '',
    requestId: headers?.requestId ?? '',
  });
}

/** The bytes of a call's grant: what the permit decides, and behind it what is the call's own (protobuf: the last counts). */
export function grantBytesOf(
  terms: Uint8Array,
  callId: Buffer,
  caller: Caller,
  headers: Headers,
  operator: VerifiedOperator | undefined,
  rowCap: number | undefined,
  decision: DecisionInput | undefined,
): Buffer {
  const own: Partial<Grant> = {
    callId,
    system: caller.system,
    ...(operator === undefined ? {} : { operator: operator.label, operatorPseudonym: operator.pseudonym }),
    caseNumber: headers.caseNumber,
    requestId: headers.requestId,
    locale: headers.locale,
    decision,
    ...(rowCap === undefined ? {} : { rowCap }),
  };
  return Buffer.concat([terms, Grant.encode(Grant.fromPartial(own)).finish()]);
}
