/** Which process of the mesh answers a public service; `broker` answers itself. */
export type Route = 'resident' | 'permit' | 'audit' | 'broker';

/** By the service's full name. A test holds the table against the contract. */
export const routes: Readonly<Record<string, Route>> = {
  'rangkiang.resident.v1.ResidentService': 'resident',
  'rangkiang.resident.v1.RegistryService': 'resident',
  'rangkiang.permit.v1.PermitService': 'permit',
  'rangkiang.permit.v1.DirectiveService': 'permit',
  'rangkiang.permit.v1.OperatorService': 'permit',
  'rangkiang.permit.v1.SigningKeyService': 'permit',
  'rangkiang.permit.v1.EmergencyService': 'permit',
  'rangkiang.audit.v1.AuditService': 'audit',
  'rangkiang.audit.v1.SubjectService': 'audit',
  'rangkiang.audit.v1.AlertService': 'audit',
  'rangkiang.broker.v1.DecisionService': 'broker',
};
