import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { after, before, describe, it } from 'mocha';
import type { WatchRecordsResponse } from '#gen/rangkiang/audit/v1/audit.ts';
import { Cursor } from '../../../../cli/export/cursor.ts';
import { exportRecords } from '../../../../cli/export/export-records.ts';
import { fileSink } from '../../../../cli/export/sinks.ts';
import { told } from './told-records.ts';

const RECORDS = 30;

/** A log of 30 records, from an index on, so many at a time, with heartbeats between. */
async function* log(from: bigint, atOnce: number): AsyncGenerator<WatchRecordsResponse> {
  const rest = { time: undefined, logSize: BigInt(RECORDS), checkpoint: Buffer.alloc(0) };
  for (let next = Number(from); next < RECORDS; next += atOnce) {
    yield { records: [], nextIndex: BigInt(next), ...rest };
    const end = Math.min(RECORDS, next + atOnce);
    const records = Array.from({ length: end - next }, (_, at) => told(next + at));
    yield { records, nextIndex: BigInt(end), ...rest };
  }
}

describe('exportRecords', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rangkiang-export-'));
  });
  after(() => rm(directory, { recursive: true }));

  it('brings every record in order, wherever it is struck down and started again', async () => {
    let run = 0;
    // Where each start is struck down: before the output, in the middle of a line, or between output and cursor.
    const strike = fc.record({
      at: fc.nat(6),
      how: fc.constantFrom('before', 'torn', 'between'),
      atOnce: fc.integer({ min: 1, max: 9 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(strike, { maxLength: 5 }), async (strikes) => {
        run += 1;
        const path = join(directory, `${run}.jsonl`);
        const cursor = new Cursor(join(directory, `${run}.cursor`));
        const start = async (atOnce: number, fail: (call: number) => string | undefined) => {
          const sink = await fileSink(path);
          let calls = 0;
          const struck = {
            write: async (records: Parameters<typeof sink.write>[0]) => {
              const how = fail(calls++);
              if (how === 'before') throw new Error('struck');
              await sink.write(records);
              const text = await readFile(path, 'utf8');
              if (how === 'torn') await writeFile(path, text.slice(0, -7));
              if (how !== undefined) throw new Error('struck');
            },
          };
          await exportRecords(log((await cursor.read()) ?? 0n, atOnce), struck, cursor).finally(() => sink.close());
        };
        for (const { at, how, atOnce } of strikes) {
          await start(atOnce, (call) => (call === at ? how : undefined)).catch((error: Error) =>
            assert.equal(error.message, 'struck'),
          );
        }
        await start(4, () => undefined);
        const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
        const indexes = lines.map((line) => JSON.parse(line).metadata.sequence as number);
        // Without what was told again, it is the log.
        assert.deepEqual(
          [...new Set(indexes)],
          Array.from({ length: RECORDS }, (_, at) => at),
        );
        if (strikes.length === 0) assert.equal(indexes.length, RECORDS);
        assert.equal(await cursor.read(), BigInt(RECORDS));
      }),
      { numRuns: 40 },
    );
    assert.deepEqual(
      (await readdir(directory)).filter((name) => name.endsWith('.new')),
      [],
    );
  });

  it('keeps where it is also when nothing passes its filter, and begins anew without a file', async () => {
    const cursor = new Cursor(join(directory, 'quiet.cursor'));
    assert.equal(await cursor.read(), undefined);
    const heartbeat = { records: [], nextIndex: 77n, time: undefined, logSize: 90n, checkpoint: Buffer.alloc(0) };
    await exportRecords(
      (async function* () {
        yield heartbeat;
      })(),
      { write: async () => assert.fail() },
      cursor,
    );
    assert.equal(await cursor.read(), 77n);
  });

  it('does not begin from a file that is no cursor', async () => {
    for (const text of ['', '12', 'x\n', '-1\n', '1\n2\n']) {
      const path = join(directory, 'wrong.cursor');
      await writeFile(path, text);
      await assert.rejects(new Cursor(path).read(), /is no cursor/);
    }
  });
});
