import { AlertServiceService } from '#gen/rangkiang/audit/v1/alert_service.ts';
import { AuditServiceService } from '#gen/rangkiang/audit/v1/audit_service.ts';
import { EmergencyUseServiceService } from '#gen/rangkiang/audit/v1/emergency_use_service.ts';
import { PolicyFeedServiceService } from '#gen/rangkiang/audit/v1/policy_feed_service.ts';
import { ProofServiceService } from '#gen/rangkiang/audit/v1/proof_service.ts';
import { SubjectServiceService } from '#gen/rangkiang/audit/v1/subject_service.ts';
import type { AllowList } from '#mesh/server.ts';

/** Which processes of the mesh may call which method of the audit service. */
export const allow: AllowList = {
  [AuditServiceService.append.path]: ['broker', 'permit', 'resident'],
  [AuditServiceService.listRecords.path]: ['broker'],
  [AuditServiceService.getRecord.path]: ['broker'],
  [AuditServiceService.watchRecords.path]: ['broker'],
  [AlertServiceService.listAlerts.path]: ['broker'],
  [AlertServiceService.acknowledgeAlert.path]: ['broker'],
  [AuditServiceService.readRecord.path]: ['broker'],
  [AuditServiceService.countUse.path]: ['broker'],
  [AuditServiceService.pruneRecords.path]: ['broker'],
  [PolicyFeedServiceService.followPolicy.path]: ['broker'],
  [EmergencyUseServiceService.listEmergencyOperators.path]: ['permit'],
  [SubjectServiceService.listAccesses.path]: ['broker'],
  [SubjectServiceService.listAccessesAtCounter.path]: ['broker'],
  [SubjectServiceService.eraseSubject.path]: ['broker'],
  [SubjectServiceService.openObjection.path]: ['broker'],
  [SubjectServiceService.listObjections.path]: ['broker'],
  [SubjectServiceService.closeObjection.path]: ['broker'],
  [SubjectServiceService.listBreached.path]: ['broker'],
  [ProofServiceService.getInclusionProof.path]: ['broker'],
  [ProofServiceService.getConsistencyProof.path]: ['broker'],
  [ProofServiceService.checkStored.path]: ['broker'],
  [ProofServiceService.followHead.path]: ['broker'],
};
