import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { AppendClient } from '#mesh/append-client.ts';
import { eventIdOf } from '#mesh/leaf.ts';
import type { Pool } from '#mesh/sql.ts';
import { someEntry } from './audit-entries.ts';
import type { AuditService } from './audit-service.ts';
import { assertOneHistory, type KeptRecord } from './one-history.ts';

const POLL_MS = 20;

/** Appends to an audit service and keeps what was acknowledged, to hold the log against it. */
export class KeptLog {
  readonly #audit: AuditService;
  readonly #client: AppendClient;
  readonly #records: KeptRecord[] = [];

  constructor(audit: AuditService) {
    this.#audit = audit;
    this.#client = audit.client('resident');
  }

  /** Appends one record of this many bytes of context. Rejects as AppendClient does. */
  async append(contextBytes = 0): Promise<void> {
    const entry = someEntry({}, [], { caseNumber: 'k'.repeat(contextBytes) });
    const { index, leafHash } = await this.#client.append(entry);
    const eventId = eventIdOf(entry.leaf).toString('hex');
    this.#records.push({ eventId, index, leafHash: leafHash.toString('hex') });
  }

  /** Appends records, each as soon as it is taken. */
  async appendAgain(count: number): Promise<void> {
    for (let done = 0; done < count; ) {
      try {
        await this.append();
        done++;
      } catch {
        await delay(POLL_MS);
      }
    }
  }

  /** Resolves when the witness has cosigned all that was acknowledged. */
  async witnessed(): Promise<void> {
    const size = (this.#records.at(-1)?.index ?? -1n) + 1n;
    while (this.#audit.witness.witness.head.size < size) await delay(POLL_MS);
  }

  /** Asserts that the database holds all that was acknowledged and signed. */
  async assertIn(pool: Pool): Promise<void> {
    const signed = await readFile(join(this.#audit.signer.stateDir, 'checkpoint'), 'utf8');
    await assertOneHistory(pool, { records: this.#records, checkpoints: [signed] }, this.#audit.logKey);
  }
}
