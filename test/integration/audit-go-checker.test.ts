import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { after, before, describe, it } from 'mocha';
import { AuditServiceService } from '#gen/rangkiang/audit/v1/audit_service.ts';
import { openPipeline } from '#mesh/sql.ts';
import { openCheckpoint } from '#mesh/tlog/checkpoint.ts';
import { verifierOf } from '#mesh/tlog/note.ts';
import { httpsLog } from '../../cli/audit/log-source.ts';
import { goLibraries, missingGo } from '../../scripts/go-checker.ts';
import { appendEntries } from '../../services/audit/store/append-entries.ts';
import { someEntry } from '../support/audit-entries.ts';
import { type AuditService, disdukcapilCall, startAuditService } from '../support/audit-service.ts';
import { entryRow } from '../support/entry-row.ts';

const SECURITY = 'spiffe://padang.go.id/opd/SECURITY/unit/PUSAT/sistem/siem';
const ENTRIES = 70_100;
const run = promisify(execFile);

describe("the Go project's own library", function () {
  this.timeout(240_000);
  let audit: AuditService;
  let directory: string;
  let program: string;

  before(async function () {
    const missing = missingGo();
    if (missing) {
      console.log(`      skipped: ${missing}`);
      this.skip();
    }
    directory = await mkdtemp(join(tmpdir(), 'rangkiang-go-'));
    program = join(directory, 'check');
    const source = fileURLToPath(new URL('../go/check.go', import.meta.url));
    const env = { ...process.env, ...goLibraries, CGO_ENABLED: '0' };
    const built = spawnSync('go', ['build', '-o', program, source], { env, encoding: 'utf8' });
    assert.equal(built.status, 0, built.stderr);
    audit = await startAuditService();
  });

  after(async () => {
    await audit?.stop();
    if (directory) await rm(directory, { recursive: true });
  });

  async function check(...words: string[]): Promise<{ stdout: string }> {
    const tls = await audit.credentials(SECURITY);
    const log = [`https://${audit.first.tiles}`, audit.logKey, tls.ca, tls.cert, tls.key];
    return run(program, [...log, ...words], { maxBuffer: 1 << 20 });
  }

  it('verifies checkpoint, inclusion of every entry and consistency between sizes', async () => {
    // Straight into Postgres: the way through the stream is tested elsewhere, and takes longer.
    const pipeline = openPipeline(audit.databaseUrl);
    for (let left = ENTRIES; left > 0; left -= 2_000) {
      await appendEntries(
        pipeline,
        Array.from({ length: Math.min(left, 2_000) }, () => entryRow(randomBytes(300))),
        0n,
      );
    }
    await pipeline.close();
    await audit.client('resident').append(someEntry(), 30_000);
    const source = httpsLog(`https://${audit.first.tiles}`, await audit.credentials(SECURITY));
    const signedSize = async () => openCheckpoint((await source.checkpoint()) ?? '', verifierOf(audit.logKey)).size;
    while ((await signedSize()) <= ENTRIES) await sleep(50);
    source.close();

    const sizes = [1, 255, 256, 257, 1_000, 70_000, ...Array.from({ length: 4 }, () => randomInt(1, ENTRIES))];
    const { stdout } = await check(...sizes.map(String));
    const lines = stdout.trim().split('\n');
    assert.match(lines[0] ?? '', /^checkpoint 7010\d \S{44} signed by padang\.go\.id\/rangkiang\/audit$/);
    assert.match(lines[1] ?? '', /^inclusion 7010\d$/);
    assert.deepEqual(
      lines.slice(2),
      sizes.map((size) => `consistency ${size}`),
    );
  });

  it('verifies the same of a log of which nearly all entries were pruned', async () => {
    const broker = await audit.broker();
    const request = { dryRun: false, fromIndex: 0n, letter: '470/7' };
    const options = { metadata: disdukcapilCall().metadata, timeoutMs: 60_000 };
    const { pruned } = await broker.unary(AuditServiceService.pruneRecords, request, options);
    assert.deepEqual(pruned, [{ firstIndex: 0n, belowIndex: 65_536n }]);
    const { stdout } = await check('255', '60000', '66000');
    assert.deepEqual(stdout.trim().split('\n').slice(2), [
      'pruned 65536',
      'consistency 255',
      'consistency 60000',
      'consistency 66000',
    ]);
    const change = 'update pruned_bundle set hashes = set_byte(hashes, 30, get_byte(hashes, 30) # 1) where index = 7';
    await audit.pool.query(change);
    await assert.rejects(check('1'), /Command failed/);
    await audit.pool.query(change);
    await check('1');
  });

  it('refuses the log when one byte of one entry is another', async () => {
    const change = 'update entry set leaf = set_byte(leaf, 30, get_byte(leaf, 30) # 1) where index = 66000';
    await audit.pool.query(change);
    await assert.rejects(check('1'), /Command failed/);
  });
});
