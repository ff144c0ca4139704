import type { AllowList } from '#mesh/server.ts';

/** Everything here is reached through a broker, or is for brokers only. */
export const allow: AllowList = {
  '/rangkiang.permit.v1.PermitService/SubmitApplication': ['broker'],
  '/rangkiang.permit.v1.PermitService/GetApplication': ['broker'],
  '/rangkiang.permit.v1.PermitService/ListApplications': ['broker'],
  '/rangkiang.permit.v1.PermitService/IssuePermit': ['broker'],
  '/rangkiang.permit.v1.PermitService/RejectApplication': ['broker'],
  '/rangkiang.permit.v1.PermitService/RevokePermit': ['broker'],
  '/rangkiang.permit.v1.PermitService/GetPermit': ['broker'],
  '/rangkiang.permit.v1.PermitService/ListPermits': ['broker'],
  '/rangkiang.permit.v1.DirectiveService/Freeze': ['broker'],
  '/rangkiang.permit.v1.DirectiveService/Lift': ['broker'],
  '/rangkiang.permit.v1.DirectiveService/ListDirectives': ['broker'],
  '/rangkiang.permit.v1.PermitService/ReviewApplication': ['broker'],
  '/rangkiang.permit.v1.PermitService/ResubmitApplication': ['broker'],
  '/rangkiang.permit.v1.PermitService/RecordApproval': ['broker'],
  '/rangkiang.permit.v1.PermitService/SuspendPermit': ['broker'],
  '/rangkiang.permit.v1.PermitService/ReinstatePermit': ['broker'],
  '/rangkiang.permit.v1.PermitService/RenewPermit': ['broker'],
  '/rangkiang.permit.v1.PolicyService/Renew': ['broker'],
  '/rangkiang.permit.v1.PolicyService/ReserveQuota': ['broker'],
  '/rangkiang.permit.v1.PolicyService/ReturnQuota': ['broker'],
  '/rangkiang.permit.v1.OperatorService/RegisterOperatorKeys': ['broker'],
  '/rangkiang.permit.v1.OperatorService/WithdrawOperatorKeys': ['broker'],
  '/rangkiang.permit.v1.OperatorService/WithdrawOperator': ['broker'],
  '/rangkiang.permit.v1.OperatorService/ListOperators': ['broker'],
};
