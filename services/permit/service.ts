import { DirectiveServiceService } from '#gen/rangkiang/permit/v1/directive_service.ts';
import { DutyServiceService } from '#gen/rangkiang/permit/v1/duty_service.ts';
import { EmergencyServiceService } from '#gen/rangkiang/permit/v1/emergency_service.ts';
import { OperatorServiceService } from '#gen/rangkiang/permit/v1/operator_service.ts';
import { PermitServiceService } from '#gen/rangkiang/permit/v1/permit_service.ts';
import { PolicyServiceService } from '#gen/rangkiang/permit/v1/policy_service.ts';
import { SigningKeyServiceService } from '#gen/rangkiang/permit/v1/signing_key_service.ts';
import { implement } from '#mesh/server.ts';
import type { PermitContext } from './context.ts';
import { activateEmergency } from './handlers/activate-emergency.ts';
import { activatePermit } from './handlers/activate-permit.ts';
import { freeze } from './handlers/freeze.ts';
import { getApplication } from './handlers/get-application.ts';
import { getPermit } from './handlers/get-permit.ts';
import { handIn } from './handlers/hand-in.ts';
import { issuePermit } from './handlers/issue-permit.ts';
import { lift } from './handlers/lift.ts';
import { listApplications } from './handlers/list-applications.ts';
import { listDirectives } from './handlers/list-directives.ts';
import { listDuties } from './handlers/list-duties.ts';
import { listEmergencies } from './handlers/list-emergencies.ts';
import { listOperators } from './handlers/list-operators.ts';
import { listPermits } from './handlers/list-permits.ts';
import { listSigningKeys } from './handlers/list-signing-keys.ts';
import { orderSigningKey } from './handlers/order-signing-key.ts';
import { readChanges } from './handlers/read-changes.ts';
import { recordApproval } from './handlers/record-approval.ts';
import { registerOperatorKeys } from './handlers/register-operator-keys.ts';
import { reinstatePermit } from './handlers/reinstate-permit.ts';
import { rejectApplication } from './handlers/reject-application.ts';
import { renew } from './handlers/renew.ts';
import { renewPermit } from './handlers/renew-permit.ts';
import { reserveQuota } from './handlers/reserve-quota.ts';
import { resubmitApplication } from './handlers/resubmit-application.ts';
import { returnQuota } from './handlers/return-quota.ts';
import { reviewApplication } from './handlers/review-application.ts';
import { reviewEmergency } from './handlers/review-emergency.ts';
import { reviewHandIn } from './handlers/review-hand-in.ts';
import { revokePermit } from './handlers/revoke-permit.ts';
import { submitApplication } from './handlers/submit-application.ts';
import { suspendPermit } from './handlers/suspend-permit.ts';
import { withdrawOperator } from './handlers/withdraw-operator.ts';
import { withdrawOperatorKeys } from './handlers/withdraw-operator-keys.ts';
import { postgresStore } from './store/policy-store.ts';

/** The services of this process, each method bound to its handler. */
export function permitServices(context: PermitContext) {
  const store = postgresStore(context.pool);
  return [
    implement(PermitServiceService, {
      submitApplication: submitApplication(context),
      getApplication: getApplication(context),
      listApplications: listApplications(context),
      issuePermit: issuePermit(context),
      rejectApplication: rejectApplication(context),
      revokePermit: revokePermit(context),
      getPermit: getPermit(context),
      listPermits: listPermits(context),
      suspendPermit: suspendPermit(context),
      reviewApplication: reviewApplication(context),
      resubmitApplication: resubmitApplication(context),
      renewPermit: renewPermit(context),
      activatePermit: activatePermit(context),
      reinstatePermit: reinstatePermit(context),
      recordApproval: recordApproval(context),
    }),
    implement(DirectiveServiceService, {
      freeze: freeze(context),
      lift: lift(context),
      listDirectives: listDirectives(context),
    }),
    implement(DutyServiceService, {
      handIn: handIn(context),
      reviewHandIn: reviewHandIn(context),
      listDuties: listDuties(context),
    }),
    implement(OperatorServiceService, {
      registerOperatorKeys: registerOperatorKeys(context),
      withdrawOperatorKeys: withdrawOperatorKeys(context),
      withdrawOperator: withdrawOperator(context),
      listOperators: listOperators(context),
    }),
    implement(SigningKeyServiceService, {
      orderSigningKey: orderSigningKey(context),
      listSigningKeys: listSigningKeys(context),
    }),
    implement(EmergencyServiceService, {
      activateEmergency: activateEmergency(context),
      reviewEmergency: reviewEmergency(context),
      listEmergencies: listEmergencies(context),
    }),
    implement(PolicyServiceService, {
      renew: renew(store),
      readChanges: readChanges(context),
      reserveQuota: reserveQuota(store, Date.now),
      returnQuota: returnQuota(store),
    }),
  ];
}
