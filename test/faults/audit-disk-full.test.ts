import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import { MeshError } from '#mesh/errors.ts';
import { openPool, type Pool } from '#mesh/sql.ts';
import { type EmbeddedPostgres, startPostgres } from '../../cli/embedded/postgres.ts';
import { commandOf, portTaken } from '../../cli/embedded/process.ts';
import { type AuditService, startAuditService } from '../support/audit-service.ts';
import { KeptLog } from '../support/kept-log.ts';
import { mountSmallDisk, type SmallDisk, whyNoDisk } from '../support/small-disk.ts';

const RECORDS = 20;
// A few pages of Postgres: what is allotted and empty is soon used up.
const CONTEXT_BYTES = 20_000;
// An empty database has 8 MB; Postgres starts with one segment of WAL, of 16 MB, and makes the next ones when it needs them.
const TABLES_MB = 32;
const WAL_MB = 96;

describe('a full disk under the audit database', function () {
  this.timeout(120_000);
  const cleanup = new AsyncDisposableStack();
  let directory: string;
  let postgres: EmbeddedPostgres;
  let pool: Pool;
  let audit: AuditService;
  let log: KeptLog;
  let disks: { readonly tables: SmallDisk; readonly wal: SmallDisk };

  const start = (port?: number) => startPostgres({ dataDir: directory, port, sharedBuffersMb: 64 });

  before(async function () {
    const obstacle = whyNoDisk();
    if (obstacle !== undefined) {
      console.log(`      skipped: ${obstacle}`);
      this.skip();
    }
    directory = await mkdtemp(join(tmpdir(), 'rangkiang-full-'));
    cleanup.defer(() => rm(directory, { recursive: true, force: true }));
    postgres = await start();
    cleanup.defer(() => postgres.stop());
    await postgres.stop();
    const cluster = join(directory, 'cluster');
    const mount = (name: string, sizeMb: number) => {
      const disk = mountSmallDisk(join(directory, name), sizeMb, cluster);
      cleanup.defer(() => disk.unmount());
      return disk;
    };
    // Postgres has to be gone before its disks are.
    disks = { tables: mount('tables', TABLES_MB), wal: mount('wal', WAL_MB) };
    cleanup.defer(() => postgres.stop());
    const wal = join(cluster, 'pg_wal');
    execFileSync('cp', ['-a', `${wal}/.`, disks.wal.path]);
    await rename(wal, `${wal}.first`);
    await symlink(disks.wal.path, wal);
    postgres = await start(postgres.port);
    const maintenance = openPool(postgres.url('postgres'), { max: 1 });
    await maintenance.query(`create tablespace small location '${disks.tables.path}'`);
    await maintenance.query('create database audit tablespace small');
    await maintenance.end();

    audit = await startAuditService(async () => postgres.url('audit'));
    cleanup.defer(() => audit.stop());
    pool = openPool(postgres.url('audit'), { max: 1 });
    cleanup.defer(() => pool.end());
    log = new KeptLog(audit);
    await log.appendAgain(RECORDS);
  });

  after(() => cleanup.disposeAsync());

  /** Appends until a record is refused. */
  async function untilRefused(): Promise<void> {
    while (await isTaken());
  }

  async function isTaken(): Promise<boolean> {
    try {
      await log.append(CONTEXT_BYTES);
      return true;
    } catch (error) {
      assert.ok(error instanceof MeshError && error.reason === 'AUDIT_UNAVAILABLE', String(error));
      return false;
    }
  }

  it('of its tables: refuses in time, loses nothing, and goes on by itself once there is space', async () => {
    const { pid } = audit.first.child.process;
    disks.tables.fill();
    await untilRefused();
    const failing = await audit.first.child.said('records cannot be committed; nothing leaves the mesh until they can');
    assert.equal((failing.err as { code?: string }).code, '53100', 'for another reason than a full disk');
    // It is no passing refusal.
    await untilRefused();
    disks.tables.free();
    await log.appendAgain(RECORDS);
    await log.witnessed();
    await log.assertIn(pool);
    assert.deepEqual([audit.first.child.process.pid, audit.first.child.process.exitCode], [pid, null]);
  });

  it('of its write-ahead log: refuses in time, loses nothing, and goes on once Postgres is back', async () => {
    const { pid } = audit.first.child.process;
    disks.wal.fill();
    // Postgres ends when it can write no log even to recover.
    while (commandOf(postgres.pid) !== undefined) {
      await pool.query('select pg_switch_wal()').catch(() => {});
      await isTaken();
    }
    await untilRefused();
    disks.wal.free();
    while (await portTaken(postgres.port)) await delay(20);
    postgres = await start(postgres.port);
    await log.appendAgain(RECORDS);
    await log.witnessed();
    await log.assertIn(pool);
    assert.deepEqual([audit.first.child.process.pid, audit.first.child.process.exitCode], [pid, null]);
  });
});
