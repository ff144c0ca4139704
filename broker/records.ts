import { randomBytes } from 'node:crypto';
import type { Entry } from '#gen/rangkiang/audit/v1/audit.ts';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import type { MeshError } from '#mesh/errors.ts';
import { type Appender, makeEntry, newDraft } from '#mesh/record.ts';
import { traceIdOf } from '#mesh/trace.ts';

/** What a record of the broker is about. */
export interface Subject {
  readonly grant: Grant;
  /** Path of a known method, or "unknown". */
  readonly method: string;
  readonly traceparent: string;
}

const RETRY_MS = 1_000;
/** Records that wait for the audit service at most; they are of answers that did not leave, so losing one hides nothing. */
const WAITING = 10_000;

/** The records that the broker itself writes. */
export class BrokerRecords {
  readonly #audit: Appender;
  readonly #onLost: () => void;
  #waiting = 0;

  constructor(audit: Appender, onLost: () => void) {
    this.#audit = audit;
    this.#onLost = onLost;
  }

  /**
   * Commits the record of a call that ended at the broker: DENIED before it was forwarded, FAILED after that. The event id
   * of a forwarded call is its service's. Returns the record's index; rejects with AUDIT_UNAVAILABLE.
   */
  async ended(subject: Subject, kind: 'DENIED' | 'FAILED', error: MeshError): Promise<bigint> {
    const { callId } = subject.grant;
    const entry = makeEntry(subject.grant, newDraft(), {
      kind: Kind[kind],
      method: subject.method,
      writer: 'broker',
      traceId: traceIdOf(subject.traceparent),
      reason: error.reason,
      ...(kind === 'DENIED' ? {} : { eventId: randomBytes(16), refersTo: callId }),
    });
    return (await this.#audit.append(entry)).index;
  }

  /** Notes an answer that was dropped, or an outcome that is unknown, beside the record of its call; in the background. */
  note(subject: Subject, kind: typeof Kind.WITHHELD | typeof Kind.UNKNOWN, reason: string): void {
    this.#later(
      makeEntry(subject.grant, newDraft(), {
        kind,
        method: subject.method,
        writer: 'broker',
        traceId: traceIdOf(subject.traceparent),
        reason,
        eventId: randomBytes(16),
        refersTo: subject.grant.callId,
      }),
    );
  }

  /** Notes refusals of a system ("opd/unit/system") that were not recorded one by one; in the background. */
  summarise(systemKey: string, count: number): void {
    const [opd, unit, system] = systemKey.split('/');
    const grant = Grant.fromPartial({ callId: randomBytes(16), opd, unit, system });
    this.#later(
      makeEntry(
        grant,
        { ...newDraft(), count },
        {
          kind: Kind.REFUSALS,
          method: '',
          writer: 'broker',
          traceId: randomBytes(16),
          reason: 'RATE_LIMITED',
        },
      ),
    );
  }

  #later(entry: Entry): void {
    if (this.#waiting >= WAITING) {
      this.#onLost();
      return;
    }
    this.#waiting += 1;
    const attempt = () => {
      this.#audit.append(entry).then(
        () => {
          this.#waiting -= 1;
        },
        () => setTimeout(attempt, RETRY_MS).unref(),
      );
    };
    attempt();
  }
}
