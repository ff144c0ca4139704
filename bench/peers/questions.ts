import type { Rule, RuleSet } from '../rules.ts';

/** A question whether a call is allowed, and the right answer. */
export interface PeerQuestion extends Omit<Rule, 'permit' | 'purpose'> {
  readonly purpose: string;
  readonly allowed: boolean;
}

/** One question in so many asks for a purpose that is not granted. */
const DENIED_ONE_IN = 5;

/** The questions of one OPD: about each of its rules, and every fifth about a purpose that is not granted. */
export function questionsOf({ rules }: RuleSet, opd: string): PeerQuestion[] {
  return rules
    .filter((rule) => rule.opd === opd)
    .map(({ unit, method, purpose }, index) => {
      const allowed = (index + 1) % DENIED_ONE_IN !== 0;
      return { opd, unit, method, purpose: allowed ? purpose : 'PENEGAKAN_HUKUM', allowed };
    });
}

/** Calls of so many questions each, that take the questions in turn; as many calls as there are questions. */
export function callsOf(questions: readonly PeerQuestion[], perCall: number): PeerQuestion[][] {
  return questions.map((_, call) =>
    Array.from({ length: perCall }, (_, index) => {
      const question = questions[(call * perCall + index) % questions.length];
      if (question === undefined) throw new RangeError('no question');
      return question;
    }),
  );
}
