import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, describe, it } from 'mocha';
import type { Entry, WatchRecordsResponse } from '#gen/rangkiang/audit/v1/audit.ts';
import { AuditServiceService as service } from '#gen/rangkiang/audit/v1/audit_service.ts';
import { Kind, type Leaf, type PrunedRange } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { FollowPolicyResponse } from '#gen/rangkiang/audit/v1/policy_feed.ts';
import { PolicyFeedServiceService } from '#gen/rangkiang/audit/v1/policy_feed_service.ts';
import { ProofServiceService } from '#gen/rangkiang/audit/v1/proof_service.ts';
import { type PruneRecordsResponse, StayReason } from '#gen/rangkiang/audit/v1/prune.ts';
import { type Grant, Scope } from '#gen/rangkiang/mesh/v1/grant.ts';
import type { Channel } from '#mesh/client.ts';
import { leafHash } from '#mesh/leaf.ts';
import { openPool, type Pool } from '#mesh/sql.ts';
import { type Head, openCheckpoint } from '#mesh/tlog/checkpoint.ts';
import { verifierOf } from '#mesh/tlog/note.ts';
import { verifyConsistency, verifyInclusion } from '#mesh/tlog/proof.ts';
import { httpsLog, type LogSource } from '../../cli/audit/log-source.ts';
import { verifyBeside } from '../../cli/audit/verify-beside.ts';
import { verifyLog } from '../../cli/audit/verify-log.ts';
import { everything } from '../../services/audit/domain/record-filter.ts';
import { asService } from '../../services/audit/store/rights.ts';
import { someEntry } from '../support/audit-entries.ts';
import { type AuditService, disdukcapilCall, securityCall, startAuditService } from '../support/audit-service.ts';
import { naiveRoot } from '../support/naive-tree.ts';

const SECURITY = 'spiffe://padang.go.id/opd/SECURITY/unit/PUSAT/sistem/siem';
const SITI = '1371014107900001';
const YEAR_MS = 365.25 * 86_400_000;
const yearsAgo = (years: number) => BigInt(Math.round(Date.now() - years * YEAR_MS)) * 1_000n;
/** Longer ago than anything is kept, which is 10 years; and of a kind that no alert follows from. */
const OLD = { timeUs: yearsAgo(11), kind: Kind.READ };

/** One entry of each bundle that is not simply old. */
const ODD: Readonly<Record<number, () => Entry>> = {
  1: () => someEntry({ ...OLD, kind: Kind.POLICY }),
  // Of no purpose, so that no rule says when the sealed part goes.
  4: () => someEntry(OLD, [SITI]),
  5: () => someEntry({ ...OLD, timeUs: yearsAgo(9) }),
};
const BUNDLES = 8;
const range = (first: number, below: number): PrunedRange => ({
  firstIndex: BigInt(first * 256),
  belowIndex: BigInt(below * 256),
});
/** What can go: 0, 2 and 3, and 6, which lies behind a young one. The last is of our days, and so is what the service adds. */
const GOING = [range(0, 1), range(2, 4), range(6, 7)];
const GONE = 4n * 256n;
const STAYING = [
  { reason: StayReason.NEEDED, bundles: 1, firstIndex: 256n },
  { reason: StayReason.SEALED, bundles: 1, firstIndex: 1024n },
  { reason: StayReason.YOUNG, bundles: 2, firstIndex: 1280n },
];

describe('pruning the audit log', function () {
  this.timeout(120_000);
  let audit: AuditService;
  let broker: Channel;
  let source: LogSource;
  /** Everything that was appended before anything was pruned. */
  let entries: Entry[];
  let hashes: Buffer[];
  /** A connection as the service has it. */
  let role: Pool;

  before(async () => {
    audit = await startAuditService();
    role = openPool(asService(audit.databaseUrl), { max: 1 });
    const client = audit.client('resident');
    entries = Array.from({ length: BUNDLES * 256 }, (_, at) => {
      const odd = at % 256 === 100 ? ODD[Math.floor(at / 256)] : undefined;
      return odd?.() ?? someEntry(at >= 7 * 256 ? { ...OLD, timeUs: yearsAgo(0) } : OLD);
    });
    await Promise.all(entries.map((entry) => client.append(entry, 60_000)));
    await client.append(someEntry(OLD), 60_000);
    hashes = (await audit.entries()).map(({ leafBytes }) => leafHash(leafBytes));
    assert.deepEqual(hashes[300], leafHash((entries[300] as Entry).leaf), 'appended in order');
    await open();
  });

  after(async () => {
    source.close();
    await role.end();
    await audit.stop();
  });

  /** What speaks to the service, after its start. */
  async function open(): Promise<void> {
    source = httpsLog(`https://${audit.first.tiles}`, await audit.credentials(SECURITY));
    broker = await audit.broker();
  }

  const prune = (changes = {}, grant: Partial<Grant> = {}): Promise<PruneRecordsResponse> => {
    const request = { dryRun: false, fromIndex: 0n, letter: '470/7', ...changes };
    return broker.unary(service.pruneRecords, request, { metadata: disdukcapilCall(grant).metadata });
  };

  /** A head that holds everything that is committed now. */
  async function newestHead(): Promise<Head> {
    const { rows } = await audit.pool.query<{ size: bigint }>('select size from tree_head');
    for (;;) {
      const note = await source.checkpoint();
      const head = note ? openCheckpoint(note, verifierOf(audit.logKey)) : undefined;
      if (head && head.size >= (rows[0]?.size ?? 0n)) return head;
      await sleep(20);
    }
  }

  async function verify(): Promise<bigint> {
    const head = await newestHead();
    const { pruned } = await verifyLog(source, head);
    const { metadata } = securityCall();
    const ask = (fromIndex: bigint) =>
      broker.unary(ProofServiceService.checkStored, { fromIndex, belowIndex: head.size }, { metadata });
    const { records } = await verifyBeside(ask, 0n, head.size);
    assert.equal(records, head.size - pruned);
    return pruned;
  }

  const stored = async () => {
    const { rows } = await audit.pool.query<{ entries: bigint; bundles: bigint }>(
      `select (select count(*) from entry where index < ${BUNDLES * 256}) as entries, (select count(*) from pruned_bundle) as bundles`,
    );
    return rows[0];
  };

  const prunings = async (): Promise<Leaf[]> =>
    (await audit.entries()).map(({ leaf }) => leaf).filter(({ kind }) => kind === Kind.PRUNED);

  /** The backend that prunes and waits for a lock. */
  async function blockedPruning(): Promise<number> {
    for (;;) {
      const { rows } = await audit.pool.query<{ pid: number }>(
        "select pid from pg_stat_activity where wait_event_type = 'Lock' and query like '%prune_entries%'",
      );
      if (rows[0]) return rows[0].pid;
      await sleep(10);
    }
  }

  describe('before it', () => {
    it('is only looked at by a dry run, which is recorded as reading', async () => {
      const answer = await prune({ dryRun: true });
      assert.deepEqual(answer.pruned, GOING);
      assert.deepEqual(answer.staying, STAYING);
      assert.equal((await stored())?.entries, BigInt(entries.length));
      assert.equal((await audit.entries()).at(-1)?.leaf.kind, Kind.READ);
    });

    it('is refused to a grant that does not reach the whole log', async () => {
      await assert.rejects(prune({}, { scope: Scope.OWN }), { reason: 'NO_PERMIT' });
    });

    it("is the service's role's only way to remove an entry, and needs a record that names it", async () => {
      const ours = (await audit.entries()).at(-1)?.index;
      const until = yearsAgo(10);
      for (const [sql, fault] of [
        ['delete from entry where index = 0', /permission denied/],
        ['delete from pruned_bundle', /permission denied/],
        ["insert into pruned_bundle values (0, '', 'empty')", /permission denied/],
        [`select prune_entries(${ours}, '{0}', '{256}', ${until})`, /does not say/],
        [`select prune_entries(${ours}, '{1}', '{257}', ${until})`, /no whole bundles/],
        [`select prune_entries(${ours}, '{0}', '{256}', ${yearsAgo(0.5)})`, /younger than a year/],
      ] as const) {
        await assert.rejects(role.query(sql), fault, sql);
      }
      // Nor does one that is put behind the head, where no tree holds it.
      const forged = await role.connect();
      try {
        await forged.query('begin');
        await forged.query(
          `insert into entry (index, event_id, time_us, kind, opd, method, reason, leaf, leaf_hash)
           values (1000000, gen_random_uuid(), 0, 26, '', '', '', pruned_range(0, 256), sha256(''))`,
        );
        await assert.rejects(forged.query(`select prune_entries(1000000, '{0}', '{256}', ${until})`), /does not say/);
      } finally {
        await forged.query('rollback');
        forged.release();
      }
    });

    it('refuses a record of pruning that another process writes', async () => {
      await assert.rejects(audit.client('resident').append(someEntry({ kind: Kind.PRUNED }), 2_000));
      await assert.rejects(audit.client('resident').append(someEntry({ pruned: [range(5, 6)] }), 2_000));
    });

    it('stays as it was where the entries are not those of the tree', async () => {
      const change = 'update entry set leaf = set_byte(leaf, 60, get_byte(leaf, 60) # 1) where index = 700';
      await audit.pool.query(change);
      const { pruned, staying } = await prune({ dryRun: true });
      await audit.pool.query(change);
      assert.deepEqual(pruned, [range(0, 1), range(3, 4), range(6, 7)]);
      assert.deepEqual(staying[1], { reason: StayReason.ALTERED, bundles: 1, firstIndex: 512n });
    });
  });

  describe('that breaks off', () => {
    it('between record and removal leaves all entries, and a log that is consistent', async () => {
      const blocker = await audit.pool.connect();
      await blocker.query('begin; lock table pruned_bundle in row exclusive mode');
      const broken = assert.rejects(prune());
      const pid = await blockedPruning();
      await audit.first.kill();
      await broken;
      await audit.pool.query('select pg_terminate_backend($1, 5000)', [pid]);
      await blocker.query('rollback');
      blocker.release();
      source.close();
      await audit.first.start();
      await open();
      assert.deepEqual(
        (await prunings()).map(({ pruned }) => pruned),
        [GOING],
      );
      assert.deepEqual(await stored(), { entries: BigInt(entries.length), bundles: 0n });
      assert.equal(await verify(), 0n);
    });

    it('in the middle of the removal leaves all entries', async () => {
      const blocker = await audit.pool.connect();
      await blocker.query('begin; select from entry where index = 1700 for update');
      const broken = assert.rejects(prune());
      await audit.pool.query('select pg_terminate_backend($1, 5000)', [await blockedPruning()]);
      await broken;
      await blocker.query('rollback');
      blocker.release();
      assert.deepEqual(await stored(), { entries: BigInt(entries.length), bundles: 0n });
      assert.equal(await verify(), 0n);
    });
  });

  describe('after it', () => {
    before(async () => {
      const answer = await prune();
      assert.deepEqual(answer.pruned, GOING);
      assert.deepEqual(answer.staying, STAYING);
      await audit.pool.query('create table entry_kept as table entry; create table bundle_kept as table pruned_bundle');
    });

    it('old entries are gone, a record says which, and what is young, needed, sealed or not full stays', async () => {
      assert.deepEqual(await stored(), { entries: BigInt(entries.length) - GONE, bundles: 4n });
      const left = (await audit.entries()).filter(({ index }) => index < entries.length);
      assert.deepEqual([...new Set(left.map(({ index }) => Number(index / 256n)))], [1, 4, 5, 7]);
      const { kind, opd, method, pruned, contextCommitment } = (await prunings()).at(-1) as Leaf;
      assert.deepEqual(
        { kind, opd, method, pruned },
        { kind: Kind.PRUNED, opd: 'DISDUKCAPIL', method: service.pruneRecords.path, pruned: GOING },
      );
      // The letter, as in an erasure.
      assert.equal(contextCommitment.length, 32);
    });

    it('nothing more goes, and that is recorded as reading', async () => {
      const before = (await prunings()).length;
      const answer = await prune();
      assert.deepEqual(answer, { pruned: [], staying: STAYING, nextIndex: answer.nextIndex });
      assert.equal((await prunings()).length, before);
      assert.deepEqual(await prune({ fromIndex: 1n << 40n }), { pruned: [], staying: [], nextIndex: 0n });
    });

    it('the log is consistent, and says how many entries are gone', async () => {
      assert.equal(await verify(), GONE);
      const head = await newestHead();
      const since = { size: 1700n, root: naiveRoot(hashes.slice(0, 1700)) };
      assert.deepEqual(await verifyLog(source, head, { since }), { pruned: 256n });
    });

    it('inclusion and consistency are proven for what is gone as for what is kept', async () => {
      for (const index of [0n, 255n, 300n, 600n, 1023n, 1030n, 1700n, 2000n]) {
        const { metadata } = securityCall();
        const answer = await broker.unary(ProofServiceService.getInclusionProof, { index }, { metadata });
        const head = openCheckpoint(answer.checkpoint, verifierOf(audit.logKey));
        assert.deepEqual(answer.leafHash, hashes[Number(index)]);
        assert.ok(verifyInclusion({ index, leafHash: answer.leafHash }, head, answer.proof), String(index));
      }
      for (const fromSize of [1n, 255n, 600n, 1024n, 1700n]) {
        const { metadata } = securityCall();
        const answer = await broker.unary(ProofServiceService.getConsistencyProof, { fromSize }, { metadata });
        const head = openCheckpoint(answer.checkpoint, verifierOf(audit.logKey));
        const old = { size: fromSize, root: naiveRoot(hashes.slice(0, Number(fromSize))) };
        assert.ok(verifyConsistency(old, head, answer.proof), String(fromSize));
      }
    });

    it('its tiles are served as before, its bundles are gone', async () => {
      const tile = await source.tile({ level: 0, index: 2n, width: 256 });
      assert.deepEqual(tile, Buffer.concat(hashes.slice(512, 768)));
      assert.deepEqual(await source.tile({ level: 0, index: 2n, width: 7 }), tile?.subarray(0, 7 * 32));
      assert.equal(await source.bundle({ index: 2n, width: 256 }), undefined);
      assert.equal(await source.bundle({ index: 2n, width: 7 }), undefined);
      assert.ok(await source.bundle({ index: 1n, width: 256 }));
    });

    it('a removed record is told from one that is not there yet', async () => {
      const read = (method: typeof service.getRecord | typeof service.readRecord, index: bigint) =>
        broker.unary(method, { index }, { metadata: securityCall().metadata });
      for (const method of [service.getRecord, service.readRecord]) {
        await assert.rejects(read(method, 600n), { reason: 'RECORD_PRUNED' });
        await assert.rejects(read(method, 1n << 40n), { reason: 'RECORD_NOT_FOUND' });
        assert.equal((await read(method, 300n)).record?.index, 300n);
      }
    });

    it('a watch passes over what is gone', async () => {
      // Of its own, since a process may still hold pages that it read before.
      const fresh = await audit.another();
      const channel = await audit.broker(fresh);
      const { rows } = await audit.pool.query<{ index: bigint }>('select index from entry order by index');
      for (const [from, kinds] of [
        [0n, []],
        [520n, []],
        [0n, [Kind.POLICY]],
      ] as const) {
        const { metadata } = securityCall();
        const request = { fromIndex: from, filter: { ...everything, kinds: [...kinds] } };
        const stream = channel.serverStream(service.watchRecords, request, { metadata });
        stream.on('error', () => {});
        const seen: bigint[] = [];
        for await (const { records, nextIndex } of stream as AsyncIterable<WatchRecordsResponse>) {
          seen.push(...records.map(({ index }) => index));
          if (nextIndex >= BigInt(entries.length) || (kinds.length > 0 && seen.length > 0)) break;
        }
        stream.cancel();
        const below = seen.at(-1) ?? 0n;
        const expected = rows.map(({ index }) => index).filter((index) => index >= from && index <= below);
        assert.deepEqual(seen, kinds.length > 0 ? [356n] : expected);
      }
      await fresh.kill();
    });

    it('the rules of the alerts pass over what is gone', async () => {
      await audit.first.kill();
      await audit.pool.query('update alert_state set next_index = 520');
      source.close();
      await audit.first.start();
      await open();
      const reached = async () =>
        (await audit.pool.query<{ next: bigint }>('select next_index as next from alert_state')).rows[0]?.next ?? 0n;
      while ((await reached()) < entries.length) await sleep(50);
    });

    it('brokers read the policy from its first record on', async () => {
      const stream = broker.serverStream(PolicyFeedServiceService.followPolicy, { fromIndex: 0n });
      stream.on('error', () => {});
      const { value } = await (stream as AsyncIterable<FollowPolicyResponse>)[Symbol.asyncIterator]().next();
      stream.cancel();
      assert.deepEqual(
        (value as FollowPolicyResponse).records.map(({ index }) => index),
        [356n],
      );
    });

    it('a search finds what is left, down to the first record', async () => {
      const { metadata } = securityCall();
      const request = { filter: { ...everything, kinds: [Kind.POLICY] }, pageSize: 10, pageToken: '' };
      const { records, nextPageToken } = await broker.unary(service.listRecords, request, { metadata });
      assert.deepEqual([records.map(({ index }) => index), nextPageToken], [[356n], '']);
    });

    it('an entry that is sent again has its first index, gone or kept', async () => {
      const { length } = await audit.entries();
      const client = audit.client('resident');
      for (const index of [0, 255, 300, 700, 1700]) {
        const placed = await client.append(entries[index] as Entry, 30_000);
        assert.equal(placed.index, BigInt(index));
      }
      assert.equal((await audit.entries()).length, length);
      // An older one that never came is none of them.
      assert.ok((await client.append(someEntry(OLD), 30_000)).index > BigInt(entries.length));
    });

    describe('somebody with all rights on the database', () => {
      afterEach(async () => {
        await audit.pool.query(
          `delete from pruned_bundle; insert into pruned_bundle select * from bundle_kept;
           insert into entry select * from entry_kept on conflict do nothing`,
        );
        assert.equal(await verify(), GONE);
      });

      const move = (bundle: number) =>
        `insert into pruned_bundle select bundle, hashes, times from bundles_to_prune(${bundle}, ${bundle + 1}, 0);
         delete from entry where index / 256 = ${bundle}`;
      for (const [what, sql, code, index] of [
        [
          'changed a hash that was kept',
          'update pruned_bundle set hashes = set_byte(hashes, 99, get_byte(hashes, 99) # 1) where index = 3',
          'TILE',
          768n,
        ],
        ['removed the hashes of a bundle', 'delete from pruned_bundle where index = 2', 'ENTRY', 512n],
        ['removed a bundle without a record', 'delete from entry where index between 1280 and 1535', 'ENTRY', 1280n],
        ['removed one entry', 'delete from entry where index = 1300', 'ENTRY', 1300n],
        ['pruned a young bundle without a record', move(5), 'ENTRY', 1280n],
        ['pruned a bundle beside others that a record names', move(1), 'ENTRY', 256n],
      ] as const) {
        it(`${what}: the first bad record is named`, async () => {
          await audit.pool.query(sql);
          await assert.rejects(verify(), { code, index });
        });
      }
    });
  });
});
