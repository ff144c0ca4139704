import { AuditServiceService } from '#gen/rangkiang/audit/v1/audit_service.ts';
import { PolicyFeedServiceService } from '#gen/rangkiang/audit/v1/policy_feed_service.ts';
import { ProofServiceService } from '#gen/rangkiang/audit/v1/proof_service.ts';
import { SubjectServiceService } from '#gen/rangkiang/audit/v1/subject_service.ts';
import type { Logger } from '#mesh/log.ts';
import type { Appender } from '#mesh/record.ts';
import { implement } from '#mesh/server.ts';
import type { Tree } from '#mesh/tlog/tree.ts';
import type { Sealing } from './committer.ts';
import type { HeadKeeper } from './domain/head-keeper.ts';
import { LogPages } from './domain/log-pages.ts';
import type { LogTail } from './domain/log-tail.ts';
import type { LogWriter } from './domain/log-writer.ts';
import { append } from './handlers/append.ts';
import { countUse } from './handlers/count-use.ts';
import { eraseSubject } from './handlers/erase-subject.ts';
import { followHead } from './handlers/follow-head.ts';
import { followPolicy } from './handlers/follow-policy.ts';
import { getConsistencyProof } from './handlers/get-consistency-proof.ts';
import { getInclusionProof } from './handlers/get-inclusion-proof.ts';
import { getRecord } from './handlers/get-record.ts';
import { listRecords } from './handlers/list-records.ts';
import { watchRecords } from './handlers/watch-records.ts';
import type { LogReader } from './store/read-records.ts';
import type { KeyStore } from './store/seal-keys.ts';

/** What the handlers work with. */
export interface AuditParts {
  readonly reader: LogReader;
  readonly writer: LogWriter;
  readonly heads: HeadKeeper;
  readonly sealing: Sealing & { readonly keys: KeyStore };
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
export function auditService({ reader, writer, heads, tail, audit, stopping, log }: AuditParts) {
  const pages = new LogPages(reader.oldest);
  const checkpoint = () => Buffer.from(heads.checkpoint);
  return implement(AuditServiceService, {
    append: append(writer, heads, stopping, log),
    listRecords: listRecords(reader),
    getRecord: getRecord(reader),
    watchRecords: watchRecords({ ...reader, tail, pages, checkpoint }, audit, stopping, log),
    countUse: countUse(reader),
  });
}

/** RPC -> handler, for brokers alone. */
export function policyFeedService({ reader, policyTail, stopping }: AuditParts) {
  return implement(PolicyFeedServiceService, {
    followPolicy: followPolicy({ ...reader, tail: policyTail }, stopping),
  });
}

/** RPC -> handler, for residents' sake. */
export function subjectService({ sealing, audit }: AuditParts) {
  return implement(SubjectServiceService, {
    eraseSubject: eraseSubject(sealing, audit),
  });
}

/** RPC -> handler, for whoever checks the log. */
export function proofService({ reader, heads, tree }: AuditParts) {
  const log = { ...reader, heads, tree };
  return implement(ProofServiceService, {
    getInclusionProof: getInclusionProof(log),
    getConsistencyProof: getConsistencyProof(log),
    followHead: followHead(log),
  });
}
