import { AlertServiceService } from '#gen/rangkiang/audit/v1/alert_service.ts';
import { AuditServiceService } from '#gen/rangkiang/audit/v1/audit_service.ts';
import { EmergencyUseServiceService } from '#gen/rangkiang/audit/v1/emergency_use_service.ts';
import { PolicyFeedServiceService } from '#gen/rangkiang/audit/v1/policy_feed_service.ts';
import { ProofServiceService } from '#gen/rangkiang/audit/v1/proof_service.ts';
import { SubjectServiceService } from '#gen/rangkiang/audit/v1/subject_service.ts';
import type { Logger } from '#mesh/log.ts';
import type { Appender } from '#mesh/record.ts';
import { implement } from '#mesh/server.ts';
import type { Tree } from '#mesh/tlog/tree.ts';
import type { Sealing } from './committer.ts';
import type { BreachParts } from './domain/breached.ts';
import type { StoredLog } from './domain/check-pages.ts';
import type { HeadKeeper } from './domain/head-keeper.ts';
import type { AccessParts } from './domain/list-accesses.ts';
import type { LogPages } from './domain/log-pages.ts';
import type { LogTail } from './domain/log-tail.ts';
import type { LogWriter } from './domain/log-writer.ts';
import type { PruneParts } from './domain/prune-records.ts';
import { acknowledgeAlert } from './handlers/acknowledge-alert.ts';
import { append } from './handlers/append.ts';
import { checkStored } from './handlers/check-stored.ts';
import { countUse } from './handlers/count-use.ts';
import { eraseSubject } from './handlers/erase-subject.ts';
import { followHead } from './handlers/follow-head.ts';
import { followPolicy } from './handlers/follow-policy.ts';
import { getConsistencyProof } from './handlers/get-consistency-proof.ts';
import { getInclusionProof } from './handlers/get-inclusion-proof.ts';
import { getRecord } from './handlers/get-record.ts';
import { listAccesses } from './handlers/list-accesses.ts';
import { listAlerts } from './handlers/list-alerts.ts';
import { listBreached } from './handlers/list-breached.ts';
import { listEmergencyOperators } from './handlers/list-emergency-operators.ts';
import { listRecords } from './handlers/list-records.ts';
import { pruneRecords } from './handlers/prune-records.ts';
import { readRecord } from './handlers/read-record.ts';
import { watchRecords } from './handlers/watch-records.ts';
import { type ObjectionParts, objections } from './objections.ts';
import type { AlertReader } from './store/alert-records.ts';
import type { LogReader } from './store/read-records.ts';
import type { KeyStore } from './store/seal-keys.ts';

/** What the handlers work with. */
export interface AuditParts {
  readonly reader: LogReader;
  readonly alerts: AlertReader;
  /** The pages that watchers and rules share. */
  readonly pages: LogPages;
  readonly writer: LogWriter;
  readonly heads: HeadKeeper;
  readonly accesses: AccessParts;
  readonly objecting: ObjectionParts;
  readonly breach: BreachParts;
  readonly pruning: PruneParts;
  readonly sealing: Sealing & { readonly keys: KeyStore };
  /** What is stored beside the records, as its check reads it. */
  readonly stored: StoredLog;
  /** The tree of so many entries. */
  tree(size: bigint): Tree;
  readonly tail: LogTail;
  /** Passes on at once that the policy was changed. */
  readonly policyTail: LogTail;
  /** For records of the service's own. */
  readonly audit: Appender;
  /** Ends the streams, which would go on for ever. */
  readonly stopping: AbortSignal;
  readonly log: Logger;
}

/** RPC -> handler. */
export function auditService({ reader, pages, writer, heads, tail, pruning, audit, stopping, log }: AuditParts) {
  const checkpoint = () => Buffer.from(heads.checkpoint);
  return implement(AuditServiceService, {
    append: append(writer, heads, stopping, log),
    listRecords: listRecords(reader),
    getRecord: getRecord(reader),
    watchRecords: watchRecords({ ...reader, tail, pages, checkpoint }, audit, stopping, log),
    readRecord: readRecord(reader),
    countUse: countUse(reader),
    pruneRecords: pruneRecords(pruning, audit),
  });
}

/** RPC -> handler. */
export function alertService({ alerts, audit }: AuditParts) {
  return implement(AlertServiceService, {
    listAlerts: listAlerts(alerts),
    acknowledgeAlert: acknowledgeAlert(alerts, audit),
  });
}

/** RPC -> handler, for brokers alone. */
export function policyFeedService({ reader, policyTail, stopping }: AuditParts) {
  return implement(PolicyFeedServiceService, {
    followPolicy: followPolicy({ ...reader, tail: policyTail }, stopping),
  });
}

/** RPC -> handler, for residents' sake. */
export function subjectService({ sealing, accesses, objecting, breach, audit }: AuditParts) {
  return implement(SubjectServiceService, {
    listAccesses: listAccesses(accesses),
    listAccessesAtCounter: listAccesses(accesses),
    eraseSubject: eraseSubject(sealing, audit),
    ...objections(objecting),
    listBreached: listBreached(breach),
  });
}

/** RPC -> handler, for the permit service alone. */
export function emergencyUseService({ reader }: Pick<AuditParts, 'reader'>) {
  return implement(EmergencyUseServiceService, { listEmergencyOperators: listEmergencyOperators(reader) });
}

/** RPC -> handler, for whoever checks the log. */
export function proofService({ reader, heads, tree, stored }: AuditParts) {
  const log = { ...reader, heads, tree };
  return implement(ProofServiceService, {
    getInclusionProof: getInclusionProof(log),
    getConsistencyProof: getConsistencyProof(log),
    checkStored: checkStored({ ...stored, heads }),
    followHead: followHead(log),
  });
}
