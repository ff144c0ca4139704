import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, describe, it } from 'mocha';
import { type Head, openCheckpoint } from '#mesh/tlog/checkpoint.ts';
import { verifierOf } from '#mesh/tlog/note.ts';
import { httpsLog, type LogSource } from '../../cli/audit/log-source.ts';
import { narrowFault } from '../../cli/audit/narrow-fault.ts';
import { LogFault, verifyLog } from '../../cli/audit/verify-log.ts';
import { faultFacts, faultText } from '../../cli/audit/verify-words.ts';
import { headsOfRow } from '../../services/audit/store/published.ts';
import { readBundle, readTile } from '../../services/audit/store/read-tree.ts';
import { someEntry } from '../support/audit-entries.ts';
import { type AuditService, startAuditService } from '../support/audit-service.ts';

const SECURITY = 'spiffe://padang.go.id/opd/SECURITY/unit/PUSAT/sistem/siem';

describe('an entry that was rewritten together with every hash above it', function () {
  this.timeout(120_000);
  let audit: AuditService;
  let source: LogSource;
  let head: Head;
  /** Sizes of the heads that were published, smallest first. */
  let sizes: bigint[];

  before(async () => {
    audit = await startAuditService();
    const served = httpsLog(`https://${audit.first.tiles}`, await audit.credentials(SECURITY));
    // Of the tampered log the service would sign its next record, be refused, and end: what lies there is read past it.
    source = {
      checkpoint: () => served.checkpoint(),
      tile: (tile) => readTile(audit.pool, tile),
      bundle: ({ index, width }) => readBundle(audit.pool, index, width),
      heads: (row) => served.heads(row),
      close: () => served.close(),
    };
    const client = audit.client('resident');
    const append = (count: number) =>
      Promise.all(Array.from({ length: count }, () => client.append(someEntry(), 30_000)));
    for (const count of [100, 1, 1, 200, 700, 5, 1]) {
      await append(count);
      await published();
    }
    await append(3);
    head = await published();
    const told = await Promise.all(Array.from({ length: 5 }, (_, row) => source.heads(BigInt(row))));
    assert.equal(told.flat().at(-1), await source.checkpoint());
    source = { ...source, heads: (row) => headsOfRow(audit.pool, row) };
    await audit.first.kill();
    const { rows } = await audit.pool.query<{ size: bigint }>('select size from signed_head order by size');
    sizes = rows.map(({ size }) => size);
    await audit.pool.query(
      'create table entry_kept as table entry; create table tree_node_kept as table tree_node; create table head_kept as table signed_head',
    );
  });

  after(async () => {
    source.close();
    await audit.stop();
  });

  afterEach(() =>
    audit.pool.query(
      `truncate entry, tree_node, signed_head; insert into entry select * from entry_kept;
       insert into tree_node select * from tree_node_kept; insert into signed_head select * from head_kept`,
    ),
  );

  async function published(): Promise<Head> {
    const size = BigInt((await audit.entries()).length);
    for (;;) {
      const note = await source.checkpoint();
      const found = note && openCheckpoint(note, verifierOf(audit.logKey));
      if (found && found.size >= size) return found;
      await sleep(20);
    }
  }

  /** Rewrites one entry so that nothing in the database contradicts it; `fit` also makes the nodes fit. */
  async function rewrite(index: bigint, fit = true): Promise<void> {
    await audit.pool.query(
      `update entry set leaf = leaf || '\\x00', leaf_hash = sha256('\\x00'::bytea || leaf || '\\x00'::bytea) where index = ${index}`,
    );
    if (fit) await audit.pool.query(`truncate tree_node; select grow_tree(0, (select size from tree_head))`);
  }

  async function fault(): Promise<LogFault> {
    try {
      await verifyLog(source, head);
    } catch (error) {
      assert.ok(error instanceof LogFault, String(error));
      return narrowFault(error, source, head, verifierOf(audit.logKey));
    }
    throw new Error('nothing was found');
  }

  /** The stretch between the heads around an entry. */
  function between(index: bigint): ReturnType<typeof faultFacts> {
    const good = sizes.findLast((size) => size <= index) ?? 0n;
    const bad = sizes.find((size) => size > index);
    return faultFacts(new LogFault('REWRITTEN', good, '', bad));
  }

  it('is found between the signed heads around it, wherever it lies', async () => {
    const places = sizes.flatMap((size) => [size - 1n, size]).filter((index) => index < head.size);
    for (const index of new Set([0n, 50n, 600n, ...places])) {
      await rewrite(index);
      assert.deepEqual(faultFacts(await fault()), between(index), String(index));
      await audit.pool.query('delete from entry where index = $1', [index]);
      await audit.pool.query('insert into entry select * from entry_kept where index = $1', [index]);
    }
  });

  it('is named where heads lie before and behind it, also in the last partial tile', async () => {
    const single = sizes.filter((size) => sizes.includes(size + 1n));
    assert.ok(
      single.some((index) => index >= (head.size / 256n) * 256n),
      'no single entry in the last tile',
    );
    for (const index of single) {
      await rewrite(index);
      const found = await fault();
      assert.deepEqual([found.index, found.below], [index, index + 1n]);
      assert.match(faultText(found).en, new RegExp(`record ${index} was rewritten`));
      await audit.pool.query('delete from entry where index = $1', [index]);
      await audit.pool.query('insert into entry select * from entry_kept where index = $1', [index]);
    }
  });

  it('is found more closely than by its row where only its own hash was rewritten', async () => {
    await rewrite(101n, false);
    assert.deepEqual(faultFacts(await fault()), between(101n));
  });

  it('is at least somewhere before the head, when somebody removed all the others, or put forged ones there', async () => {
    await audit.pool.query('truncate signed_head');
    await rewrite(600n);
    assert.deepEqual(faultFacts(await fault()), faultFacts(new LogFault('REWRITTEN', 0n, '', head.size)));
    await audit.pool.query(`insert into signed_head select size, replace(checkpoint, E'\\n', E'\\n1') from head_kept`);
    assert.deepEqual(faultFacts(await fault()), faultFacts(new LogFault('REWRITTEN', 0n, '', head.size)));
  });

  it('is told from a node that was edited alone', async () => {
    await audit.pool.query(
      'update tree_node set hash = set_byte(hash, 3, get_byte(hash, 3) # 1) where level = 1 and index = 2',
    );
    const found = await fault();
    assert.deepEqual([found.code, found.index], ['TILE', 512n]);
  });
});
