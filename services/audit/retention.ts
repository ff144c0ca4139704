import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import type { Logger } from '#mesh/log.ts';
import { type Appender, makeEntry, newDraft } from '#mesh/record.ts';
import type { Pool } from '#mesh/sql.ts';
import { keptFromUs, type PurposeRule } from './domain/purpose-rules.ts';
import { removeSealed } from './store/retention.ts';

const EVERY_MS = 3_600_000;

/** Removes the sealed parts whose time is over, with a record for each purpose that says how many. Leaves and proofs stay. */
export async function removeOutdated(
  pool: Pool,
  rules: Iterable<PurposeRule>,
  audit: Appender,
  now: Date,
): Promise<void> {
  for (const rule of rules) {
    const removed = await removeSealed(pool, rule.purpose, keptFromUs(rule, now));
    if (removed === 0) continue;
    const grant = Grant.fromPartial({ callId: randomBytes(16), permit: 'STATUTE', purpose: rule.purpose });
    const facts = { kind: Kind.RETENTION, method: '', writer: 'audit', traceId: Buffer.alloc(0) };
    await audit.append(makeEntry(grant, { ...newDraft(), count: removed }, facts));
  }
}

/** Does so at the start and every hour, until the signal is aborted. */
export async function keepRetention(
  parts: { pool: Pool; rules: ReadonlyMap<number, PurposeRule>; audit: Appender; log: Logger },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await removeOutdated(parts.pool, parts.rules.values(), parts.audit, new Date()).catch((err: unknown) =>
      parts.log.error({ err }, 'sealed parts whose time is over cannot be removed; tried again in an hour'),
    );
    await delay(EVERY_MS, undefined, { signal }).catch(() => {});
  }
}
