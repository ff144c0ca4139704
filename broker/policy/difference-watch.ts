import type { Logger } from '#mesh/log.ts';
import { counter } from '#mesh/telemetry.ts';
import type { Holding } from './holding.ts';
import type { Snapshot } from './snapshot.ts';

const countDifferences = counter(
  'rangkiang.broker.policy.differences',
  'Changes of the policy in which the policy log and the audit log differ, as they are noticed',
);

/**
 * For how long each kind of difference may be one of time alone, in milliseconds. What widens is recorded before it enters the
 * policy; the record of what narrows lies in the outbox until the audit service takes it; and it is made in the transaction of
 * its change.
 */
const patienceMs = {
  /** Something widens without a record: whoever wrote it into the policy log did not go through the permit service. */
  WIDENING_UNRECORDED: 5_000,
  /** Something narrows without a record. */
  NARROWING_UNRECORDED: 60_000,
  /** The audit log tells of a narrowing that the policy log has lost: somebody has undone it, or put an older copy in place. */
  NARROWING_MISSING: 5_000,
} as const;

interface Difference {
  readonly alarm: keyof typeof patienceMs;
  /** What the alarm says. */
  readonly facts: Readonly<Record<string, string>>;
}

function differencesOf({ unrecorded }: Snapshot, holding: Holding): Difference[] {
  const logged = (alarm: Difference['alarm']) => (each: { version: bigint; kind: string }) => ({
    alarm,
    facts: { version: String(each.version), change: each.kind },
  });
  return [
    ...unrecorded.map(logged('WIDENING_UNRECORDED')),
    ...[...holding.unrecorded].map(logged('NARROWING_UNRECORDED')),
    ...[...holding.missing.values()].map(
      ({ index }): Difference => ({ alarm: 'NARROWING_MISSING', facts: { record: String(index) } }),
    ),
  ];
}

/** Raises an alarm, once, for each difference between the policy log and the audit log that time does not explain. */
export class DifferenceWatch {
  readonly #holding: Holding;
  readonly #log: Pick<Logger, 'error' | 'info'>;
  /** When each was first seen, and whether an alarm told of it. */
  #seen = new Map<string, { sinceMs: number; isTold: boolean }>();

  constructor(holding: Holding, log: Pick<Logger, 'error' | 'info'>) {
    this.#holding = holding;
    this.#log = log;
  }

  /** Looks at `nowMs` of a clock that does not step. Only to be called while this broker reads both logs to their ends. */
  look(snapshot: Snapshot, nowMs: number): void {
    const seen = new Map<string, { sinceMs: number; isTold: boolean }>();
    for (const { alarm, facts } of differencesOf(snapshot, this.#holding)) {
      const key = [alarm, ...Object.values(facts)].join(' ');
      const { sinceMs, isTold } = this.#seen.get(key) ?? { sinceMs: nowMs, isTold: false };
      const isDue = nowMs - sinceMs >= patienceMs[alarm];
      if (isDue && !isTold) {
        countDifferences(1, { reason: alarm });
        this.#log.error({ alarm, ...facts });
      }
      seen.set(key, { sinceMs, isTold: isTold || isDue });
    }
    for (const [key, { isTold }] of this.#seen) {
      if (isTold && !seen.has(key)) this.#log.info({ difference: key }, 'policy and audit log agree again');
    }
    this.#seen = seen;
  }

  /** One of the logs cannot be read: nothing that is seen now tells how long it stays away. */
  interrupted(): void {
    this.#seen = new Map([...this.#seen].filter(([, { isTold }]) => isTold));
  }
}
