import assert from 'node:assert/strict';
import fc from 'fast-check';
import { after, before, describe, it } from 'mocha';
import { Outcome } from '#gen/rangkiang/audit/v1/audit.ts';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { migrate, openPipeline, openPool, type Pipeline, type Pool } from '#mesh/sql.ts';
import { checkEntry } from '../../services/audit/domain/check-entry.ts';
import { CommitQueue } from '../../services/audit/domain/commit-queue.ts';
import { type EntryRow, LogWriter, type Placed } from '../../services/audit/domain/log-writer.ts';
import { everything } from '../../services/audit/domain/record-filter.ts';
import { appendEntries } from '../../services/audit/store/append-entries.ts';
import { type LogReader, logReader } from '../../services/audit/store/read-records.ts';
import { someEntry } from '../support/audit-entries.ts';
import { ModelLog } from '../support/model-log.ts';
import { testDatabase } from '../support/postgres.ts';
import { someSealing } from '../support/sealing.ts';

const OPDS = ['DKK', 'DISDIKBUD', 'BAPENDA'];
const KINDS = [Kind.DISCLOSED, Kind.EMPTY, Kind.DENIED];
const METHODS = ['/a.A/Get', '/a.A/List'];
const REASONS = ['', 'NO_PERMIT'];
const OPERATORS = ['', 'a'.repeat(32), '0123456789abcdef'.repeat(2)];
const PERMITS = ['', 'STATUTE', '3f0c2f0e-6f0b-4c57-9d5c-0f0f0f0f0f0f'];
const EMERGENCIES = ['', '', 'a1b2c3d4-6f0b-4c57-9d5c-0f0f0f0f0f0f'];
const SINCE_MS = 1_790_000_000_000;

describe('reading records from Postgres', () => {
  const model = new ModelLog();
  let pool: Pool;
  let pipeline: Pipeline;
  let reader: LogReader;

  before(async () => {
    const { url } = await testDatabase();
    pool = openPool(url, { max: 2 });
    pipeline = openPipeline(url);
    reader = logReader(pool);
    await migrate(pool, new URL('../../services/audit/migrations/', import.meta.url));
    const queue = new CommitQueue<EntryRow, Placed>({
      commit: async (rows) => (await appendEntries(pipeline, rows, 0n)) ?? assert.fail(),
      onFailing: assert.fail,
      onRecovered: assert.fail,
    });
    const writer = new LogWriter(queue, someSealing().sealer, { isOpen: true, opened: async () => {} });
    const pick = <T>(values: readonly T[], at: number) => values[at % values.length] as T;
    const entries = Array.from({ length: 60 }, (_, at) =>
      someEntry({
        opd: pick(OPDS, at * 7),
        kind: pick(KINDS, at * 5 + 1),
        method: pick(METHODS, at >> 1),
        reason: pick(REASONS, at >> 2),
        operatorPseudonym: pick(OPERATORS, at >> 3),
        permit: pick(PERMITS, at * 11),
        emergency: pick(EMERGENCIES, at * 13),
        timeUs: BigInt(SINCE_MS + (at % 20)) * 1_000n + 999n,
      }),
    );
    const placed = await Promise.all(entries.map((entry) => writer.write(entry)));
    for (const [at, { index }] of placed.entries()) {
      const entry = entries[at] as (typeof entries)[0];
      model.rows[Number(index)] = { index, leaf: entry.leaf, leafHash: checkEntry(entry).leafHash };
    }
  });

  after(async () => {
    await pipeline.close();
    await pool.end();
  });

  it('finds the same records in the same order as a list would, both ways', async () => {
    const moment = fc.option(
      fc.integer({ min: -1, max: 21 }).map((ms) => new Date(SINCE_MS + ms)),
      { nil: undefined },
    );
    const filter = fc.record({
      opd: fc.constantFrom('', ...OPDS, 'BKPSDM'),
      kinds: fc.subarray(KINDS),
      method: fc.constantFrom('', ...METHODS),
      reason: fc.constantFrom(...REASONS),
      operatorPseudonym: fc.constantFrom(...OPERATORS),
      permit: fc.constantFrom(...PERMITS),
      emergency: fc.constantFrom(...EMERGENCIES),
      outcome: fc.constantFrom(Outcome.UNSPECIFIED, Outcome.ANSWERED, Outcome.REFUSED, Outcome.FAILED),
      fromTime: moment,
      belowTime: moment,
    });
    const index = fc.bigInt({ min: 0n, max: 70n });
    await fc.assert(
      fc.asyncProperty(filter, index, index, fc.integer({ min: 1, max: 70 }), async (filter, from, below, limit) => {
        const stretch = { filter, from, below, limit };
        assert.deepEqual(await reader.oldest(stretch), await model.oldest(stretch));
        assert.deepEqual(await reader.newest(stretch), await model.newest(stretch));
      }),
    );
  });

  it('treats what a filter says as a value, whatever it says', async () => {
    const filter = { ...everything, method: "' or true --", opd: "DKK'" };
    assert.deepEqual(await reader.oldest({ filter, from: 0n, below: 99n, limit: 99 }), []);
  });

  it('knows how many records there are, and each by its index', async () => {
    assert.equal(await reader.size(), 60n);
    assert.deepEqual(await reader.at(59n), model.rows[59]);
    assert.equal(await reader.at(60n), undefined);
    // Beyond what Postgres has numbers for.
    assert.equal(await reader.at((1n << 64n) - 1n), undefined);
  });
});
