import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { Dimension } from '#gen/rangkiang/resident/v1/resident.ts';
import {
  answerCells,
  type CountLine,
  MAX_CELLS,
  tableDimensions,
} from '../../../../../services/resident/domain/count-table.ts';

const { AGAMA, JENIS_KELAMIN, KECAMATAN, KELOMPOK_UMUR, KELURAHAN, PEKERJAAN } = Dimension;
const line = (count: number, ...values: (number | null)[]): CountLine => ({ values, count });

/** [value, ..., count], "x" for a hidden count. */
function table(asked: Dimension[], lines: CountLine[], minimum = 5) {
  return answerCells(asked, lines, minimum)?.map(({ values, count, suppressed }) => [
    ...values,
    suppressed ? 'x' : Number(count),
  ]);
}

describe('resident: tables of counts', () => {
  it('write regions by code, ages as groups and what is not on record as nothing, in the order of the values', () => {
    const lines = [
      line(7, 1371021001, 2),
      line(8, 1371011001, 10),
      line(9, 1371011001, null),
      line(6, 1371021001, 10),
      line(9, 1371021001, null),
    ];
    assert.deepEqual(table([KELURAHAN, KELOMPOK_UMUR], lines), [
      ['13.71.01.1001', '', 9],
      ['13.71.01.1001', '50-54', 8],
      ['13.71.02.1001', '', 9],
      ['13.71.02.1001', '10-14', 7],
      ['13.71.02.1001', '50-54', 6],
    ]);
  });

  it('count by kelurahan when kecamatan is asked too, and write it where it was asked', () => {
    assert.deepEqual(tableDimensions([KECAMATAN, AGAMA, KELURAHAN]), [AGAMA, KELURAHAN]);
    assert.deepEqual(tableDimensions([KECAMATAN, AGAMA]), [KECAMATAN, AGAMA]);
    assert.deepEqual(table([KECAMATAN, AGAMA, KELURAHAN], [line(10, 1, 1371011002)]), [
      ['13.71.01', '1', '13.71.01.1002', 10],
    ]);
  });

  it('hide what is below the minimum together with what would tell it, and list empty cells that hide others', () => {
    assert.deepEqual(table([JENIS_KELAMIN], [line(4, 1), line(50, 2)]), [
      ['1', 'x'],
      ['2', 'x'],
    ]);
    const lines = [line(2, 1, 1), line(50, 2, 2), line(60, 1, 3), line(60, 2, 3)];
    const cells = table([JENIS_KELAMIN, AGAMA], lines);
    assert.ok(cells?.some(([, , count]) => count === 'x'));
    assert.ok(!cells?.some(([, , count]) => count === 2));
  });

  it('hide a kelurahan among those of its own kecamatan', () => {
    const lines = [line(2, 1371011001), line(90, 1371011002), line(10, 1371021001), line(11, 1371021002)];
    assert.deepEqual(table([KELURAHAN], lines), [
      ['13.71.01.1001', 'x'],
      ['13.71.01.1002', 'x'],
      ['13.71.02.1001', 10],
      ['13.71.02.1002', 11],
    ]);
  });

  it('hide a kelurahan that stands alone in its kecamatan with its neighbour', () => {
    for (const alone of [1371011001, 1371031001]) {
      const cells = table([KELURAHAN], [line(2, alone), line(90, 1371021001), line(91, 1371021002)]);
      assert.equal(cells?.filter(([, count]) => count === 'x').length, 2);
    }
    assert.deepEqual(
      table([KELURAHAN], [line(2, 1371011001), line(90, 1371021001)])?.map(([, count]) => count),
      ['x', 'x'],
    );
  });

  it('show no count below the minimum, lose no other line and keep its order', () => {
    const value = fc.option(fc.integer({ min: 1, max: 4 }));
    const lines = fc.uniqueArray(fc.record({ a: value, b: value, count: fc.integer({ min: 1, max: 40 }) }), {
      selector: ({ a, b }) => `${a}/${b}`,
    });
    fc.assert(
      fc.property(lines, (rows) => {
        const cells =
          answerCells(
            [AGAMA, PEKERJAAN],
            rows.map(({ a, b, count }) => line(count, a, b)),
            5,
          ) ?? [];
        for (const { count, suppressed } of cells) assert.ok(suppressed ? count === 0n : count >= 5n);
        for (const { a, b, count } of rows) {
          const cell = cells.find(({ values }) => values[0] === String(a ?? '') && values[1] === String(b ?? ''));
          assert.ok(cell && (cell.suppressed || cell.count === BigInt(count)));
        }
        const order = cells.map(({ values }) => Number(values[0]) * 100 + Number(values[1]));
        assert.deepEqual(
          order,
          order.toSorted((x, y) => x - y),
        );
      }),
    );
  });

  it('are refused when they are too large to be hidden in time', () => {
    const side = Math.ceil(Math.sqrt(MAX_CELLS)) + 1;
    assert.equal(
      answerCells(
        [AGAMA, PEKERJAAN],
        Array.from({ length: side }, (_, i) => line(9, i, i)),
        1,
      ),
      undefined,
    );
  });

  it('are empty where nobody lives', () => {
    assert.deepEqual(table([AGAMA], []), []);
  });
});
