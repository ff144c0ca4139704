import { AuditServiceService } from '#gen/rangkiang/audit/v1/audit_service.ts';
import type { AllowList } from '#mesh/server.ts';

/** Which processes of the mesh may call which method of the audit service. */
export const allow: AllowList = {
  [AuditServiceService.append.path]: ['broker', 'permit', 'resident'],
  [AuditServiceService.listRecords.path]: ['broker'],
  [AuditServiceService.getRecord.path]: ['broker'],
  [AuditServiceService.watchRecords.path]: ['broker'],
  [AuditServiceService.countUse.path]: ['broker'],
};
