import type {
  CheckAccessRequest,
  CheckAccessResponse,
  ExplainRequest,
  ExplainResponse,
  Question,
} from '#gen/rangkiang/broker/v1/decision.ts';
import { DecisionServiceService } from '#gen/rangkiang/broker/v1/decision_service.ts';
import { Scope } from '#gen/rangkiang/mesh/v1/grant.ts';
import { MeshError, type Reason, reasonText } from '#mesh/errors.ts';
import { type CallContext, implement } from '#mesh/server.ts';
import type { PolicySource } from './admission.ts';
import { check, explain } from './policy/explain.ts';

function questionOf(question: Question, opd: string, call: CallContext) {
  const { method, purpose, permit } = question;
  return { method, purpose, permit, opd, unit: question.unit || call.grant.unit };
}

function text(reason: Reason | undefined, call: CallContext): string {
  return reason === undefined ? '' : reasonText(reason, call.locale);
}

/** DecisionService: what `decide` would say, and why. */
export function decisionService(policy: PolicySource) {
  return implement(DecisionServiceService, {
    explain: async (request: ExplainRequest, call: CallContext): Promise<ExplainResponse> => {
      const { question, system, certificateSerial: serial, operator: operatorPseudonym } = request;
      if (!question) throw new MeshError('REQUEST_INVALID');
      const opd = request.opd || call.grant.opd;
      // Others than the offices ask about themselves only.
      if (opd !== call.grant.opd && call.grant.scope !== Scope.ALL) throw new MeshError('OPD_UNKNOWN');
      const { snapshot, time } = policy.current();
      const { decision, candidates } = explain(
        snapshot,
        { ...questionOf(question, opd, call), system, serial, operatorPseudonym },
        time,
      );
      const reason = decision.allowed ? undefined : decision.reason;
      return {
        allowed: decision.allowed,
        reason: reason ?? '',
        text: text(reason, call),
        candidates: candidates.map((candidate) => ({
          permit: candidate.permit,
          number: candidate.number,
          allowed: candidate.reason === undefined,
          reason: candidate.reason ?? '',
          text: text(candidate.reason, call),
        })),
        policyVersion: snapshot.version,
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
  });
}
