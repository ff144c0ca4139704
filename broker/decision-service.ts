import type {
  CheckAccessRequest,
  CheckAccessResponse,
  ExplainRequest,
  ExplainResponse,
  Question,
} from '#gen/rangkiang/broker/v1/decision.ts';
import { DecisionServiceService } from '#gen/rangkiang/broker/v1/decision_service.ts';
import { MeshError } from '#mesh/errors.ts';
import { type CallContext, implement } from '#mesh/server.ts';
import type { PolicySource } from './admission.ts';
import { listEffective } from './effective.ts';
import { check, explain } from './policy/explain.ts';
import { type Assumption, assumptionText, doubtText, explanationText } from './policy/explanations.ts';
import { type Address, parseAddress } from './policy/networks.ts';
import { type ReplayParts, replay } from './replay.ts';
import { type CountUse, simulate } from './simulate.ts';
import { subjectOpd } from './subject-opd.ts';

function questionOf(question: Question, opd: string, call: CallContext) {
  const { method, purpose, permit } = question;
  return { method, purpose, permit, opd, unit: question.unit || call.grant.unit };
}

/** The address of a question; without one it is left out, and so assumed. Throws REQUEST_INVALID for a text that is none. */
function addressOf({ address: text }: ExplainRequest): { address?: Address } {
  if (text === '') return {};
  const address = parseAddress(text);
  if (!address) throw new MeshError('REQUEST_INVALID');
  return { address };
}

/** What is taken as good because the question does not say it. */
function assumedOf({ system, address }: ExplainRequest): Assumption[] {
  return [...(system === '' ? (['system'] as const) : []), ...(address === '' ? (['address'] as const) : [])];
}

/** DecisionService: what `decide` says or would say, and why. */
export function decisionService(policy: PolicySource, countUse: CountUse, replaying: ReplayParts) {
  return implement(DecisionServiceService, {
    explain: async (request: ExplainRequest, call: CallContext): Promise<ExplainResponse> => {
      const { question, system, certificateSerial: serial, operator: operatorPseudonym } = request;
      if (!question) throw new MeshError('REQUEST_INVALID');
      const opd = subjectOpd(request.opd, call);
      const { snapshot, time } = policy.current();
      const asked = { ...questionOf(question, opd, call), system, serial, operatorPseudonym };
      const { decision, candidates } = explain(snapshot, { ...asked, ...addressOf(request) }, time);
      const reason = decision.allowed ? undefined : decision.reason;
      const furthest = candidates.find(({ permit }) => permit === decision.permit)?.candidate;
      const assumed = decision.allowed && furthest?.izin ? assumedOf(request) : [];
      return {
        allowed: decision.allowed,
        reason: reason ?? '',
        text: [
          explanationText(reason, furthest, call.locale, snapshot.lateDuties, time.latestMs),
          furthest ? assumptionText(assumed, furthest, call.locale) : '',
          reason ? doubtText(snapshot, call.locale) : '',
        ].join(''),
        candidates: candidates.map((candidate) => ({
          permit: candidate.permit,
          number: candidate.number,
          allowed: candidate.reason === undefined,
          reason: candidate.reason ?? '',
          text: explanationText(candidate.reason, candidate.candidate, call.locale, snapshot.lateDuties, time.latestMs),
        })),
        policyVersion: snapshot.version,
        assumed,
      };
    },
    checkAccess: async (request: CheckAccessRequest, call: CallContext): Promise<CheckAccessResponse> => {
      const { snapshot, time } = policy.current();
      return {
        verdicts: request.questions.map((question) => {
          const decision = check(snapshot, questionOf(question, call.grant.opd, call), time);
          return { allowed: decision.allowed, reason: decision.allowed ? '' : decision.reason };
        }),
        policyVersion: snapshot.version,
      };
    },
    listEffective: listEffective(policy),
    simulate: simulate(policy, countUse),
    replay: replay(replaying),
  });
}
