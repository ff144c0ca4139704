import { ANY_ADDRESS, ANY_SYSTEM } from './activation.ts';
import type { Candidate } from './candidate.ts';
import { candidatesFor, type Decision, decide, outcomeOf, type PolicyRequest, type PolicyTime } from './decide.ts';
import type { Check } from './judge.ts';
import { allJudgements } from './opd-policy.ts';
import type { Snapshot } from './snapshot.ts';

/** A question about a call that one might make; the fields of broker.v1.Question with the caller filled in. */
export type Question = Pick<PolicyRequest, 'permit' | 'opd' | 'unit' | 'method' | 'purpose'> &
  Pick<PolicyRequest, 'system' | 'address' | 'serial' | 'operatorPseudonym'>;

/** What one permit, or the statute, makes of a question. */
export interface CandidateOutcome {
  /** The permit's UUID, or "STATUTE". */
  readonly permit: string;
  /** The permit's number; empty for statute. */
  readonly number: string;
  readonly candidate: Candidate;
  /** The first check that fails; undefined when the candidate carries the call. */
  readonly reason: Check | undefined;
}

/** The decision on a question, and how every candidate came to it. */
export interface Explanation {
  readonly decision: Decision;
  readonly candidates: readonly CandidateOutcome[];
}

/**
 * Operator and case number are the single call's to bring, so a question is asked as if they came; and as if a system and an
 * address that it leaves out were good ones.
 */
export function asRequest(question: Question): PolicyRequest {
  const { system, address = ANY_ADDRESS } = question;
  return { ...question, system: system || ANY_SYSTEM, address, hasOperator: true, hasCaseNumber: true };
}

/** What `decide` would say to a question. */
export function check(snapshot: Snapshot, question: Question, time: PolicyTime): Decision {
  return decide(snapshot, asRequest(question), time);
}

/** Why `decide` would say it. */
export function explain(snapshot: Snapshot, question: Question, time: PolicyTime): Explanation {
  const request = asRequest(question);
  const found = candidatesFor(snapshot, request, time);
  const judgements = typeof found === 'string' ? [] : allJudgements(found);
  return {
    decision: decide(snapshot, request, time),
    candidates: judgements.map((judgement) => {
      const outcome = outcomeOf(judgement, request, time);
      const { candidate } = judgement;
      const { id, number } = candidate;
      return { permit: id, number, candidate, reason: typeof outcome === 'string' ? outcome : undefined };
    }),
  };
}
