import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { AuditServiceService } from '#gen/rangkiang/audit/v1/audit_service.ts';
import { MeshError } from '#mesh/errors.ts';
import { openPool } from '#mesh/sql.ts';
import { type EmbeddedPostgres, startPostgres } from '../../cli/embedded/postgres.ts';
import { someEntry } from '../support/audit-entries.ts';
import { type AuditService, securityCall, startAuditService } from '../support/audit-service.ts';
import { KeptLog } from '../support/kept-log.ts';

const RECORDS = 20;

/** With owners: the cluster may belong to another account than ours. */
const copy = (from: string, to: string) => execFileSync('cp', ['-a', from, to]);

describe('an audit database that is not what it was', function () {
  this.timeout(120_000);
  let directory: string;
  let cluster: string;
  let postgres: EmbeddedPostgres;
  let audit: AuditService;
  let log: KeptLog;
  let memory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rangkiang-restored-'));
    cluster = join(directory, 'cluster');
    postgres = await startPostgres({ dataDir: directory, sharedBuffersMb: 64 });
    await postgres.createDatabase('audit');
    audit = await startAuditService(async () => postgres.url('audit'));
    memory = audit.signer.stateDir;
    log = new KeptLog(audit);
    await log.appendAgain(RECORDS);
    await log.witnessed();
    // Yesterday's copies, of the database and of what the signer remembers.
    await audit.first.kill();
    await postgres.stop();
    copy(cluster, `${cluster}.old`);
    copy(memory, `${memory}.old`);
    await startAgain();
    await audit.first.start();
    await log.appendAgain(RECORDS);
    await log.witnessed();
  });

  after(async () => {
    await audit?.stop();
    await postgres?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  async function startAgain(settings?: Record<string, string>): Promise<void> {
    postgres = await startPostgres({ dataDir: directory, port: postgres.port, sharedBuffersMb: 64, settings });
  }

  /** Lets the old copies take the newest ones' place, or the newest ones take it again. */
  async function swap(paths: readonly string[], put: 'old' | 'newest'): Promise<void> {
    await postgres.stop();
    for (const path of paths) {
      await rename(path, `${path}.${put === 'old' ? 'newest' : 'old'}`);
      await rename(`${path}.${put}`, path);
    }
    await startAgain();
  }

  async function size(): Promise<bigint> {
    const pool = openPool(postgres.url('audit'), { max: 1 });
    try {
      const { rows } = await pool.query<{ size: bigint }>('select count(*) as size from entry');
      return rows[0]?.size ?? -1n;
    } finally {
      await pool.end();
    }
  }

  async function assertWhole(): Promise<void> {
    const pool = openPool(postgres.url('audit'), { max: 1 });
    await log.assertIn(pool).finally(() => pool.end());
  }

  it('does not start as an older copy, and the log says what to do', async () => {
    await audit.first.kill();
    await swap([cluster], 'old');
    const refused = audit.launch();
    const { level, err } = (await refused.said('the start failed')) as unknown as {
      level: string;
      err: { message: string };
    };
    assert.equal(level, 'fatal');
    assert.match(
      err.message,
      /^LOG_WENT_BACK: .*whose first \d+ entries.*holds \d+ entries.*newest copy.*security-guide/,
    );
    assert.equal(await refused.exit, 1);

    await swap([cluster], 'newest');
    await audit.first.start();
    await log.appendAgain(1);
    await log.witnessed();
    await assertWhole();
  });

  it('takes nothing, from its start on, when what the signer remembers is an older copy as well', async () => {
    await audit.first.kill();
    await audit.signer.kill();
    await swap([cluster, memory], 'old');
    const before = await size();
    await audit.signer.start();
    await audit.first.start();
    const alarms = audit.first.child.lines.filter(({ alarm }) => alarm !== undefined);
    assert.deepEqual(
      alarms.map(({ alarm }) => alarm),
      ['WITNESS_AHEAD'],
    );
    assert.match(String(alarms[0]?.msg), /nothing is accepted.*newest copy.*security-guide/);
    // The record of this reading would be the service's own; the other writer's has reached the service before it.
    const broker = await audit.broker();
    const stream = broker.duplex(AuditServiceService.append).on('error', () => {});
    stream.write({ entries: [someEntry()] });
    const { metadata } = securityCall();
    const request = { filter: undefined, pageSize: 1, pageToken: '' };
    await assert.rejects(
      broker.unary(AuditServiceService.listRecords, request, { metadata }),
      (error: unknown) => error instanceof MeshError && error.reason === 'AUDIT_UNAVAILABLE',
    );
    // The writer still waits, which must not keep the service from ending.
    audit.first.child.process.kill('SIGTERM');
    assert.equal(await audit.first.child.exit, 0);
    assert.equal(await size(), before);

    await audit.signer.kill();
    await swap([cluster, memory], 'newest');
    await audit.signer.start();
    await audit.first.start();
    await log.appendAgain(1);
    await log.witnessed();
    await assertWhole();
  });

  for (const setting of ['fsync', 'full_page_writes']) {
    it(`does not start on a Postgres with ${setting} = off, and says so`, async () => {
      await audit.first.kill();
      await postgres.stop();
      await startAgain({ [setting]: 'off' });
      const refused = audit.launch();
      const { err } = (await refused.said('the start failed')) as unknown as { err: { message: string } };
      assert.match(err.message, new RegExp(`needs: ${setting} = on$`));
      assert.equal(await refused.exit, 1);
      await postgres.stop();
      await startAgain();
    });
  }
});
