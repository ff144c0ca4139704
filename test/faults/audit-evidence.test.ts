import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import type { Entry } from '#gen/rangkiang/audit/v1/audit.ts';
import { ProofServiceService } from '#gen/rangkiang/audit/v1/proof_service.ts';
import type { AppendClient } from '#mesh/append-client.ts';
import { MeshError } from '#mesh/errors.ts';
import { eventIdOf } from '#mesh/leaf.ts';
import { openPool, type Pool } from '#mesh/sql.ts';
import { openCheckpoint } from '#mesh/tlog/checkpoint.ts';
import { verifierOf } from '#mesh/tlog/note.ts';
import { httpsLog } from '../../cli/audit/log-source.ts';
import { verifyLog } from '../../cli/audit/verify-log.ts';
import { type EmbeddedPostgres, startPostgres } from '../../cli/embedded/postgres.ts';
import { portTaken } from '../../cli/embedded/process.ts';
import { someEntry } from '../support/audit-entries.ts';
import { type AuditService, type Replica, startAuditService } from '../support/audit-service.ts';
import { assertOneHistory } from '../support/one-history.ts';

const WRITERS = 16;
const KILLS_OF_EACH = 2;
const BETWEEN = 100;
const SECURITY = 'spiffe://padang.go.id/opd/SECURITY/unit/PUSAT/sistem/siem';

interface Acknowledged {
  readonly index: bigint;
  readonly leafHash: Buffer;
}

describe('the evidence log under kill -9 and pauses', function () {
  this.timeout(300_000);
  let directory: string;
  let postgres: EmbeddedPostgres;
  let audit: AuditService;
  let second: Replica;
  let pool: Pool;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rangkiang-evidence-'));
    postgres = await startPostgres({ dataDir: directory, sharedBuffersMb: 64 });
    await postgres.createDatabase('audit');
    audit = await startAuditService(async () => postgres.url('audit'));
    second = await audit.another();
    pool = openPool(postgres.url('audit'), { max: 2 });
  });

  after(async () => {
    await audit?.stop();
    await pool?.end();
    await postgres?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('keeps every acknowledged record, each once, in one history that agrees with every head ever seen', async () => {
    const acknowledged = new Map<Entry, Acknowledged>();
    const checkpoints = new Set<string>();
    let killing = true;

    async function write(client: AppendClient): Promise<void> {
      while (killing) {
        const entry = someEntry();
        while (!acknowledged.has(entry)) {
          try {
            acknowledged.set(entry, await client.append(entry, 5_000));
          } catch (error) {
            if (!(error instanceof MeshError)) throw error;
            await delay(20);
          }
        }
      }
    }

    async function watchHeads(replica: Replica): Promise<void> {
      const broker = await audit.broker(replica);
      while (killing) {
        const request = { knownSize: 0n, size: 0n };
        const seen = await broker
          .unary(ProofServiceService.followHead, request, { timeoutMs: 1_000 })
          .catch(() => undefined);
        if (seen) checkpoints.add(seen.checkpoint);
        await delay(10);
      }
    }

    const killReplica = (replica: Replica) => async () => {
      await replica.kill();
      await replica.start();
    };
    const actions: readonly (() => Promise<unknown>)[] = [
      killReplica(audit.first),
      killReplica(second),
      async () => {
        await audit.signer.kill();
        await audit.signer.start();
      },
      () =>
        pool.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where query like '%append_%' and pid <> pg_backend_pid()",
        ),
      async () => {
        process.kill(postgres.pid, 'SIGKILL');
        // Its backends hold the port until they notice.
        while (await portTaken(postgres.port)) await delay(20);
        postgres = await startPostgres({ dataDir: directory, port: postgres.port, sharedBuffersMb: 64 });
      },
      // Paused in the middle of whatever it does; the other goes on meanwhile.
      async () => {
        audit.first.child.process.kill('SIGSTOP');
        await grown(BETWEEN);
        audit.first.child.process.kill('SIGCONT');
      },
    ];
    async function grown(count: number): Promise<void> {
      const from = acknowledged.size;
      while (acknowledged.size < from + count) await delay(5);
    }
    async function kill(): Promise<void> {
      for (let round = 0; round < KILLS_OF_EACH; round++) {
        for (const action of actions) {
          await grown(BETWEEN);
          await action();
        }
      }
      await grown(BETWEEN);
      killing = false;
    }

    const clients = [audit.client('resident'), audit.client('permit', second)];
    const writers = Array.from({ length: WRITERS }, (_, at) => write(clients[at % 2] as AppendClient));
    await Promise.all([kill(), ...writers, watchHeads(audit.first), watchHeads(second)]);
    console.log(`      ${acknowledged.size} acknowledged, ${checkpoints.size} heads seen`);

    const records = [...acknowledged].map(([{ leaf }, { index, leafHash: hash }]) => ({
      eventId: eventIdOf(leaf).toString('hex'),
      index,
      leafHash: hash.toString('hex'),
    }));
    const { rows } = await assertOneHistory(pool, { records, checkpoints: [...checkpoints] }, audit.logKey);

    const source = httpsLog(`https://${audit.first.tiles}`, await audit.credentials(SECURITY));
    try {
      for (;;) {
        const note = await source.checkpoint().catch(() => undefined);
        const head = note && openCheckpoint(note, verifierOf(audit.logKey));
        if (head && head.size >= rows) {
          await verifyLog(source, head);
          return;
        }
        await delay(50);
      }
    } finally {
      source.close();
    }
  });
});
