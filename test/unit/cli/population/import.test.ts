import assert from 'node:assert/strict';
import { status as GrpcStatus } from '@grpc/grpc-js';
import fc from 'fast-check';
import { afterEach, describe, it } from 'mocha';
import { type ImportProgress, type ImportStream, importPopulation } from '../../../../cli/population/import.ts';
import { population } from '../../../../cli/population/population.ts';
import type {
  ImportResidentsRequest,
  ImportRow,
  ImportRowError,
} from '../../../../proto/gen/rangkiang/resident/v1/registry.ts';
import { FarEnd, IMPORT_ID } from './far-end.ts';

function numberedLines(count: number): bigint[] {
  return Array.from({ length: count }, (_, i) => BigInt(i + 1));
}

describe('importPopulation', () => {
  let farEnd = new FarEnd();
  afterEach(() => {
    farEnd.close();
    farEnd = new FarEnd();
  });

  it('sends every row once, in order, in chunks, and counts them', async () => {
    const open = await farEnd.open();
    const seen: ImportProgress[] = [];
    const result = await importPopulation(population(1, 1_234), open, {
      importId: IMPORT_ID,
      onProgress: (progress) => seen.push(progress),
    });
    assert.deepEqual(result, { rows: 1_234, accepted: 1_234, rejected: 0, skipped: 0 });
    assert.deepEqual(farEnd.lines, numberedLines(1_234));
    assert.deepEqual(farEnd.chunkSizes, [500, 500, 234]);
    assert.deepEqual(
      seen.map(({ rows }) => rows),
      [500, 1_000, 1_234],
    );
  });

  it('keeps several chunks on their way, but no more than it may', async () => {
    const open = await farEnd.open();
    let unanswered = 0;
    const met = new Set<number>();
    const counting = (): ImportStream => {
      const stream = open();
      const write = stream.write.bind(stream);
      stream.write = (chunk: ImportResidentsRequest) => {
        unanswered += 1;
        met.add(unanswered);
        return write(chunk);
      };
      return stream;
    };
    await importPopulation(population(1, 1_000), counting, {
      importId: IMPORT_ID,
      chunkSize: 10,
      inFlight: 4,
      onProgress: () => {
        unanswered -= 1;
      },
    });
    assert.deepEqual([...met].toSorted(), [1, 2, 3, 4]);
  });

  it('reports rejected rows and goes on', async () => {
    const open = await farEnd.open();
    farEnd.faultyLines = new Set([3n, 250n]);
    const errors: ImportRowError[] = [];
    const result = await importPopulation(population(1, 300), open, {
      importId: IMPORT_ID,
      chunkSize: 100,
      onRejected: (error) => errors.push(error),
    });
    assert.deepEqual(result, { rows: 300, accepted: 298, rejected: 2, skipped: 0 });
    assert.deepEqual(
      errors.map(({ line, field }) => [line, field]),
      [
        [3n, 'resident.nik'],
        [250n, 'resident.nik'],
      ],
    );
  });

  it('imports nothing out of nothing', async () => {
    const open = await farEnd.open();
    const result = await importPopulation([], open, { importId: IMPORT_ID });
    assert.deepEqual(result, { rows: 0, accepted: 0, rejected: 0, skipped: 0 });
  });

  it('goes on where an earlier run stopped, and sends only the first chunk again', async () => {
    const open = await farEnd.open();
    const interrupted = importPopulation(interruptedAfter(population(9, 2_000), 750), open, {
      importId: IMPORT_ID,
      chunkSize: 100,
    });
    await assert.rejects(interrupted, /the file broke off/);
    await farEnd.callsEnded();
    const recorded = farEnd.chunkSizes.length;
    assert.ok(recorded > 0 && recorded <= 7);
    farEnd.requests = 0;
    const result = await importPopulation(population(9, 2_000), open, { importId: IMPORT_ID, chunkSize: 100 });
    // The first chunk was sent again and answered again; the others of the first run were passed over.
    assert.equal(farEnd.requests, 1 + 20 - recorded);
    assert.deepEqual(result, {
      rows: 2_000,
      accepted: 2_000 - (recorded - 1) * 100,
      rejected: 0,
      skipped: (recorded - 1) * 100,
    });
    assert.deepEqual(farEnd.lines, numberedLines(2_000));
  });

  it('bears breaks at any moment: every row is in, once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.boolean()), { maxLength: 3 }),
        fc.integer({ min: 1, max: 8 }),
        async (breaks, inFlight) => {
          const far = new FarEnd();
          const open = await far.open();
          const plan = [...breaks];
          let untilBreak = plan[0]?.[0] ?? 0;
          far.fault = () => {
            const next = plan[0];
            if (!next || --untilBreak > 0) return undefined;
            plan.shift();
            untilBreak = plan[0]?.[0] ?? 0;
            return { code: GrpcStatus.UNAVAILABLE, recorded: next[1] };
          };
          try {
            const result = await importPopulation(population(3, 200), open, {
              importId: IMPORT_ID,
              chunkSize: 10,
              inFlight,
            });
            assert.deepEqual(far.lines, numberedLines(200));
            assert.equal(result.rows, 200);
          } finally {
            far.close();
          }
        },
      ),
      { numRuns: 12 },
    );
  });

  it('does not repeat what was refused', async () => {
    const open = await farEnd.open();
    farEnd.fault = () => ({ code: GrpcStatus.PERMISSION_DENIED, recorded: false });
    await assert.rejects(importPopulation(population(1, 10), open, { importId: IMPORT_ID }), {
      code: GrpcStatus.PERMISSION_DENIED,
    });
    assert.equal(farEnd.streams, 1);
  });

  it('gives up when the other side stays away', async () => {
    const open = await farEnd.open();
    farEnd.fault = () => ({ code: GrpcStatus.UNAVAILABLE, recorded: false });
    await assert.rejects(importPopulation(population(1, 10), open, { importId: IMPORT_ID, patience: 2 }), {
      code: GrpcStatus.UNAVAILABLE,
    });
    assert.equal(farEnd.streams, 3);
  });
});

function* interruptedAfter(rows: Iterable<ImportRow>, count: number): Generator<ImportRow> {
  for (const row of rows) {
    if (row.line > count) throw new Error('the file broke off');
    yield row;
  }
}
