import { pathToFileURL } from 'node:url';
import { decide } from '../../broker/policy/decide.ts';
import { asker, type Rule, type RuleSet } from '../rules.ts';
import { Histogram } from '../statistics.ts';
import { type PeerQuestion, questionsOf } from './questions.ts';

// Cedar is a library, so it is compared with decide() in this process. Its policy sets are parsed before and kept (its
// "stateful" call); one set for each OPD, so that it looks at the rules of one OPD only.

interface Cedar {
  preparsePolicySet(id: string, policies: { staticPolicies: Record<string, string> }): { type: string };
  statefulIsAuthorized(call: unknown): { type: string; response?: { decision: 'allow' | 'deny' } };
}

/** Decisions a second, and their 99th percentile in microseconds. */
export interface InProcess {
  readonly perSecond: number;
  readonly p99Us: number;
}

function policyOf({ unit, method, purpose }: Rule): string {
  return `permit(principal, action == Action::"${method}", resource)
    when { context.unit == "${unit}" && context.purpose == "${purpose}" };`;
}

/** Decides one question after the other for some seconds. Throws when an answer is wrong. */
function measure(
  questions: readonly PeerQuestion[],
  seconds: number,
  isAllowed: (question: PeerQuestion) => boolean,
): InProcess {
  const times = new Histogram();
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  let decided = 0;
  let beforeMs = startMs;
  while (beforeMs < endMs) {
    const question = questions[decided % questions.length];
    if (question === undefined || isAllowed(question) !== question.allowed) throw new Error('a wrong decision');
    const nowMs = performance.now();
    // A thousandth of a millisecond counts as one, so that the histogram is fine enough.
    times.add((nowMs - beforeMs) * 1000);
    beforeMs = nowMs;
    decided++;
  }
  return { perSecond: (decided * 1000) / (beforeMs - startMs), p99Us: times.quantile(0.99) };
}

/** Measures both on the questions of some OPDs. `module` is the file of Cedar's build for Node. */
export async function compareInProcess(
  set: RuleSet,
  opds: readonly string[],
  seconds: number,
  module: string,
): Promise<{ ours: InProcess; cedar: InProcess }> {
  const cedar = (await import(pathToFileURL(module).href)) as Cedar;
  const questions = opds.flatMap((opd) => questionsOf(set, opd));
  for (const opd of opds) {
    const own = set.rules.filter((rule) => rule.opd === opd);
    const staticPolicies = Object.fromEntries(own.map((rule, index) => [`rule${index}`, policyOf(rule)]));
    const { type } = cedar.preparsePolicySet(opd, { staticPolicies });
    if (type !== 'success') throw new Error('Cedar does not take the rules');
  }
  const byCedar = ({ opd, unit, method, purpose }: PeerQuestion): boolean => {
    const answer = cedar.statefulIsAuthorized({
      principal: { type: 'System', id: 'simpus' },
      action: { type: 'Action', id: method },
      resource: { type: 'Register', id: 'resident' },
      context: { unit, purpose },
      preparsedPolicySetId: opd,
      entities: [],
    });
    return answer.response?.decision === 'allow';
  };
  const snapshot = await set.newSnapshot();
  const nowMs = Date.now();
  const time = { live: true, earliestMs: nowMs, latestMs: nowMs };
  const byDecide = (question: PeerQuestion): boolean =>
    decide(snapshot, { ...question, permit: '', hasOperator: false, hasCaseNumber: false, ...asker }, time).allowed;
  measure(questions, seconds / 4, byDecide);
  measure(questions, seconds / 4, byCedar);
  return { ours: measure(questions, seconds, byDecide), cedar: measure(questions, seconds, byCedar) };
}
