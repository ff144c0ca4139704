import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { type ListRecordsRequest, RecordFilter } from '#gen/rangkiang/audit/v1/audit.ts';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { listRecords } from '../../../../../services/audit/domain/list-records.ts';
import { pageToken } from '../../../../../services/audit/domain/page-token.ts';
import { everything } from '../../../../../services/audit/domain/record-filter.ts';
import type { RecordRow, Stretch } from '../../../../../services/audit/domain/record-page.ts';
import { ModelLog } from '../../../../support/model-log.ts';

const HOUR_MS = 3_600_000;
const request = (changes: Partial<ListRecordsRequest> = {}): ListRecordsRequest => ({
  filter: undefined,
  pageSize: 0,
  pageToken: '',
  ...changes,
});

/** Every page of a listing. */
async function pages(log: ModelLog, filter: RecordFilter, pageSize: number, budgetMs = HOUR_MS): Promise<bigint[][]> {
  const all: bigint[][] = [];
  let token = '';
  do {
    const page = await listRecords(log, request({ filter, pageSize, pageToken: token }), budgetMs);
    all.push(page.records.map(({ index }) => index));
    token = page.nextPageToken;
  } while (token);
  return all;
}

/** A log that is too long to keep: of each `spacing` records one passes. */
function longLog(size: bigint, spacing: bigint, leaf: Buffer) {
  const looks: Stretch[] = [];
  return {
    looks,
    size: async () => size,
    newest: async (stretch: Stretch): Promise<RecordRow[]> => {
      looks.push(stretch);
      const rows: RecordRow[] = [];
      let index = ((stretch.below - 1n) / spacing) * spacing;
      for (; index >= stretch.from && rows.length < stretch.limit; index -= spacing) {
        rows.push({ index, leaf, leafHash: Buffer.alloc(32) });
      }
      return rows;
    },
    at: async () => undefined,
  };
}

describe('listRecords', () => {
  it('gives every record that passes once, newest first, in pages of the asked size', async () => {
    const opds = ['DKK', 'DISDIKBUD'];
    const leaf = fc.record({ opd: fc.constantFrom(...opds), kind: fc.constantFrom(Kind.DISCLOSED, Kind.DENIED) });
    const filter = fc.record({
      opd: fc.constantFrom('', ...opds),
      kinds: fc.subarray([Kind.DISCLOSED, Kind.DENIED]),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(leaf, { maxLength: 30 }),
        filter,
        fc.integer({ min: 1, max: 7 }),
        async (leaves, given, size) => {
          const log = new ModelLog();
          for (const leaf of leaves) log.add(leaf);
          const asked = { ...everything, ...given };
          const listed = await pages(log, asked, size);
          assert.deepEqual(listed.flat(), log.passing(asked).reverse());
          for (const page of listed.slice(0, -1)) assert.equal(page.length, size);
        },
      ),
    );
  });

  it('gives 100 when no size is asked', async () => {
    const log = new ModelLog();
    for (let count = 0; count < 101; count++) log.add();
    assert.equal((await listRecords(log, request(), HOUR_MS)).records.length, 100);
  });

  it('does not show twice what a page showed when records are added meanwhile', async () => {
    const log = new ModelLog();
    for (let count = 0; count < 4; count++) log.add();
    const first = await listRecords(log, request({ pageSize: 2 }), HOUR_MS);
    log.add();
    const second = await listRecords(log, request({ pageSize: 2, pageToken: first.nextPageToken }), HOUR_MS);
    assert.deepEqual(
      [...first.records, ...second.records].map(({ index }) => index),
      [3n, 2n, 1n, 0n],
    );
  });

  it('shows the record decoded and as it was hashed', async () => {
    const log = new ModelLog();
    log.add({ reason: 'NO_PERMIT' });
    const [row] = log.rows;
    const [record] = (await listRecords(log, request(), HOUR_MS)).records;
    assert.equal(record?.leaf?.reason, 'NO_PERMIT');
    assert.deepEqual([record?.leafBytes, record?.leafHash], [row?.leaf, row?.leafHash]);
  });

  it('stops looking when its time is over, with a token to go on', async () => {
    const model = new ModelLog();
    model.add();
    const log = longLog(1_000_000n, 900_000n, model.rows[0]?.leaf as Buffer);
    const hasty = await listRecords(log, request(), 0);
    assert.deepEqual([log.looks.length, hasty.records.map(({ index }) => index)], [1, [900_000n]]);
    const patient = await listRecords(log, request({ pageToken: hasty.nextPageToken }), HOUR_MS);
    assert.deepEqual([patient.records.map(({ index }) => index), patient.nextPageToken], [[0n], '']);
  });

  it('stops where all records were written a day before the time that is asked for, and not earlier', async () => {
    const model = new ModelLog();
    model.add({ timeUs: 1_000_000n });
    const leaf = model.rows[0]?.leaf as Buffer;
    const log = { ...longLog(1_000_000n, 900_000n, leaf), at: async () => model.rows[0] };
    const filter = (ms: number) => ({ ...everything, fromTime: new Date(ms) });
    const ask = async (ms: number) => {
      log.looks.length = 0;
      const page = await listRecords(log, request({ filter: filter(ms) }), HOUR_MS);
      assert.deepEqual([page.nextPageToken, page.searchedFromIndex], ['', 0n]);
      return log.looks.length;
    };
    assert.equal(await ask(86_401_001), 1);
    assert.equal(await ask(86_401_000), 10);
  });

  it('cuts a page that would not fit into a message', async () => {
    const model = new ModelLog();
    model.add({ unit: 'X'.repeat(4_000) });
    const log = longLog(1_000n, 1n, model.rows[0]?.leaf as Buffer);
    const first = await listRecords(log, request({ pageSize: 1_000 }), HOUR_MS);
    assert.ok(first.records.length < 1_000 && first.records.length > 300);
    const second = await listRecords(log, request({ pageSize: 1, pageToken: first.nextPageToken }), HOUR_MS);
    assert.equal(second.records[0]?.index, (first.records.at(-1)?.index as bigint) - 1n);
  });

  it('begins at the end when the token points beyond it', async () => {
    const log = new ModelLog();
    log.add();
    const page = await listRecords(
      log,
      request({ pageToken: pageToken(1n << 62n, RecordFilter.encode(everything).finish()) }),
      HOUR_MS,
    );
    assert.equal(page.records.length, 1);
    assert.equal(log.read.length, 1);
  });

  it('gives nothing of an empty log', async () => {
    assert.deepEqual(await listRecords(new ModelLog(), request(), HOUR_MS), {
      records: [],
      nextPageToken: '',
      searchedFromIndex: 0n,
    });
  });
});
