import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, describe, it } from 'mocha';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { ProofServiceService } from '#gen/rangkiang/audit/v1/proof_service.ts';
import { leafHash } from '#mesh/leaf.ts';
import { type Head, openCheckpoint } from '#mesh/tlog/checkpoint.ts';
import { verifierOf } from '#mesh/tlog/note.ts';
import { verifyConsistency, verifyInclusion } from '#mesh/tlog/proof.ts';
import { bundlePath, levelSize, levelsDown, tilePath, tileWidth } from '#mesh/tlog/tile.ts';
import { directoryLog, httpsLog, type LogSource } from '../../cli/audit/log-source.ts';
import { LogFault, type LogFaultCode, verifyLog } from '../../cli/audit/verify-log.ts';
import { someEntry } from '../support/audit-entries.ts';
import { type AuditService, securityCall, startAuditService } from '../support/audit-service.ts';
import { naiveConsistency, naiveRoot } from '../support/naive-tree.ts';

const SECURITY = 'spiffe://padang.go.id/opd/SECURITY/unit/PUSAT/sistem/siem';
const OPD = 'spiffe://padang.go.id/opd/DKK/unit/PUSAT/sistem/layanan';
const ENTRIES = 1_100;

describe('the log over HTTPS', function () {
  this.timeout(120_000);
  let audit: AuditService;
  let security: LogSource;
  const open: LogSource[] = [];

  before(async () => {
    audit = await startAuditService();
    const client = audit.client('resident');
    await Promise.all(Array.from({ length: ENTRIES }, () => client.append(someEntry(), 30_000)));
    security = await readAs(SECURITY);
  });

  after(async () => {
    for (const source of open) source.close();
    await audit.stop();
  });

  async function readAs(spiffeId: string): Promise<LogSource> {
    const source = httpsLog(`https://${audit.first.tiles}`, await audit.credentials(spiffeId));
    open.push(source);
    return source;
  }

  const opened = (note: string | undefined) => openCheckpoint(note ?? '', verifierOf(audit.logKey));

  /** A head that holds everything that is committed now. */
  async function newestHead(): Promise<Head> {
    const size = (await audit.entries()).length;
    for (;;) {
      const note = await security.checkpoint();
      if (note && opened(note).size >= size) return opened(note);
      await sleep(20);
    }
  }

  const hashes = async () => (await audit.entries()).map(({ leafBytes }) => leafHash(leafBytes));

  it('is whole, and its head is the root of RFC 6962', async () => {
    const head = await newestHead();
    await verifyLog(security, head);
    assert.deepEqual(head.root, naiveRoot((await hashes()).slice(0, Number(head.size))));
  });

  it('is shown to every certificate, its entries to the security team alone, and that is recorded', async () => {
    const { size } = await newestHead();
    const tile = { level: 0, index: 1n, width: 256 };
    for (const caller of [OPD, SECURITY, 'spiffe://padang.go.id/mesh/broker']) {
      const source = await readAs(caller);
      assert.ok(opened(await source.checkpoint()).size >= size);
      assert.equal((await source.tile(tile))?.length, 256 * 32);
      const bundle = source.bundle({ index: 1n, width: 256 });
      if (caller === SECURITY) assert.ok((await bundle)?.length);
      else await assert.rejects(bundle, /403/);
    }
    const readers = (await audit.entries()).filter(({ leaf }) => leaf.method === '/tile/entries');
    assert.ok(readers.length >= 1);
    for (const { leaf } of readers) {
      assert.deepEqual([leaf.kind, leaf.opd, leaf.system, leaf.writer], [Kind.READ, 'SECURITY', 'siem', 'audit']);
    }
    assert.equal(await security.tile({ level: 0, index: 9_999n, width: 256 }), undefined);
    assert.equal(await security.tile({ level: 3, index: 0n, width: 1 }), undefined);
  });

  it('can be checked offline from a copy, and from an older checkpoint on', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'rangkiang-mirror-'));
    try {
      const old = await newestHead();
      await audit.client('permit').append(someEntry(), 30_000);
      const head = await newestHead();
      const save = async (path: string, bytes: Buffer | undefined) => {
        await mkdir(dirname(join(directory, path)), { recursive: true });
        await writeFile(join(directory, path), bytes ?? '');
      };
      for (const size of [old.size, head.size]) {
        for (const level of levelsDown(size)) {
          for (let index = 0n; index <= levelSize(size, level + 1); index++) {
            const width = tileWidth(size, level, index);
            if (width === 0) continue;
            await save(tilePath({ level, index, width }), await security.tile({ level, index, width }));
            if (level === 0) await save(bundlePath({ index, width }), await security.bundle({ index, width }));
          }
        }
      }
      const copy = directoryLog(directory);
      await verifyLog(copy, head);
      await verifyLog(copy, head, { since: old });
      const wrong = { ...old, root: head.root };
      await assert.rejects(verifyLog(copy, head, { since: wrong }), new LogFault('SINCE'));
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('proves over gRPC what is in it, and that it goes on', async () => {
    const broker = await audit.broker();
    await newestHead();
    const entries = await hashes();
    for (const index of [0n, 255n, 256n, 1_099n]) {
      const { metadata } = securityCall();
      const answer = await broker.unary(ProofServiceService.getInclusionProof, { index }, { metadata });
      const entry = { index, leafHash: entries[Number(index)] as Buffer };
      assert.deepEqual(answer.leafHash, entry.leafHash);
      assert.equal(verifyInclusion(entry, opened(answer.checkpoint), answer.proof), true);
    }
    for (const fromSize of [0n, 1n, 256n, 700n]) {
      const { metadata } = securityCall();
      const proven = await broker.unary(ProofServiceService.getConsistencyProof, { fromSize }, { metadata });
      const followed = await broker.unary(ProofServiceService.followHead, { knownSize: fromSize, size: 0n });
      for (const { checkpoint, proof } of [proven, followed]) {
        const head = opened(checkpoint);
        const old = { size: fromSize, root: naiveRoot(entries.slice(0, Number(fromSize))) };
        assert.equal(verifyConsistency(old, head, proof), true);
        assert.deepEqual(proof, naiveConsistency(Number(fromSize), (await hashes()).slice(0, Number(head.size))));
      }
    }
    const { metadata } = securityCall();
    const beyond = broker.unary(ProofServiceService.getInclusionProof, { index: 1n << 40n }, { metadata });
    await assert.rejects(beyond, { reason: 'RECORD_NOT_FOUND' });
  });

  describe('after somebody with all rights on the database', () => {
    let head: Head;

    before(async () => {
      head = await newestHead();
      await audit.pool.query('create table entry_kept as table entry; create table tree_node_kept as table tree_node');
    });

    afterEach(async () => {
      await audit.pool.query(
        'truncate entry, tree_node; insert into entry select * from entry_kept; insert into tree_node select * from tree_node_kept',
      );
      await verifyLog(security, head);
    });

    const flip = (column: string) => `set ${column} = set_byte(${column}, 30, get_byte(${column}, 30) # 1)`;
    const TAMPERED: readonly (readonly [string, string, LogFaultCode, bigint])[] = [
      ['edited an entry', `update entry ${flip('leaf')} where index = 777`, 'ENTRY', 777n],
      ['edited the newest', `update entry ${flip('leaf')} where index = 1099`, 'ENTRY', 1_099n],
      ['edited a leaf hash', `update entry ${flip('leaf_hash')} where index = 3`, 'ENTRY', 3n],
      [
        'swapped two entries',
        'update entry set leaf = other.leaf from entry other where entry.index + other.index = 601 and entry.index in (300, 301)',
        'ENTRY',
        300n,
      ],
      ['deleted one in the middle', 'delete from entry where index = 513', 'ENTRY', 513n],
      ['deleted the newest', 'delete from entry where index >= 1050', 'ENTRY', 1_050n],
      [
        'inserted one and moved the others up',
        `update entry set index = -index - 2 where index >= 400;
         update entry set index = -index - 1 where index < 0;
         insert into entry select 400, gen_random_uuid(), time_us, kind, opd, method, reason, leaf, leaf_hash from entry where index = 5`,
        'TILE',
        256n,
      ],
      [
        'rewrote an entry with its hash',
        "update entry set leaf = leaf || '\\x00', leaf_hash = sha256('\\x00'::bytea || leaf || '\\x00'::bytea) where index = 600",
        'TILE',
        512n,
      ],
      ['edited a tile', `update tree_node ${flip('hash')} where level = 1 and index = 2`, 'TILE', 512n],
      ['deleted a tile', 'delete from tree_node where index = 3', 'TILE', 0n],
    ];
    for (const [what, sql, code, index] of TAMPERED) {
      it(`${what}, the first bad index is named`, async () => {
        await audit.pool.query(`alter table entry drop constraint if exists entry_index_check; ${sql}`);
        await assert.rejects(verifyLog(security, head), (error: unknown) => {
          assert.ok(error instanceof LogFault, String(error));
          assert.deepEqual([error.code, error.index], [code, index]);
          return true;
        });
      });
    }
  });
});
