import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { type CountTable, hiddenCells } from '../../../../../services/resident/domain/suppression.ts';

const MINIMUM = 3;

/** Cells that are added up to one total: those that differ in one dimension only, within a group. */
function linesOf({ dimensions, counts }: CountTable): number[][] {
  const coordinates = [...counts.keys()].map((cell) => {
    let rest = cell;
    return dimensions
      .toReversed()
      .map(({ size }) => {
        const value = rest % size;
        rest = Math.floor(rest / size);
        return value;
      })
      .reverse();
  });
  return dimensions.flatMap(({ groups }, along) => {
    const lines = Map.groupBy(counts.keys(), (cell) => {
      const at = coordinates[cell] as number[];
      return at.map((value, d) => (d === along ? `group ${groups?.[value] ?? 0}` : value)).join();
    });
    return [...lines.values()];
  });
}

/**
 * Somebody who knows all shown cells, that cells which are not listed are empty, and every total along every dimension. Tries
 * all tables that fit and returns the hidden cells that have the same count in each: those that can be computed.
 */
function computableCells(table: CountTable, hidden: Uint8Array): Set<number> {
  const lines = linesOf(table);
  const left = lines.map((line) =>
    line.reduce((sum, cell) => sum + (hidden[cell] === 1 ? (table.counts[cell] as number) : 0), 0),
  );
  const linesThrough = [...table.counts.keys()].map((cell) =>
    [...lines.keys()].filter((l) => lines[l]?.includes(cell)),
  );
  const cells = [...hidden.keys()].filter((cell) => hidden[cell] === 1);
  const computable = new Set(cells);
  const guess = new Map<number, number>();

  const tryFrom = (position: number): void => {
    if (computable.size === 0) return;
    const cell = cells[position];
    if (cell === undefined) {
      if (left.some((rest) => rest !== 0)) return;
      for (const [guessed, count] of guess) if (count !== table.counts[guessed]) computable.delete(guessed);
      return;
    }
    const through = linesThrough[cell] as number[];
    const most = Math.min(...through.map((line) => left[line] as number));
    for (let count = 0; count <= most; count++) {
      guess.set(cell, count);
      for (const line of through) left[line] = (left[line] as number) - count;
      tryFrom(position + 1);
      for (const line of through) left[line] = (left[line] as number) + count;
    }
  };
  tryFrom(0);
  return computable;
}

function blockIsHidden(table: CountTable, hidden: Uint8Array): boolean {
  return !table.dimensions.some(({ groups }) => groups) && hidden.every((isHidden) => isHidden === 1);
}

function tableOf(sizes: readonly number[], groups?: readonly number[]): fc.Arbitrary<CountTable> {
  const cells = sizes.reduce((product, size) => product * size, 1);
  const count = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 5, arbitrary: fc.nat({ max: 7 }) });
  return fc.array(count, { minLength: cells, maxLength: cells }).map((counts) => ({
    dimensions: sizes.map((size, d) => (d === 0 && groups ? { size, groups } : { size })),
    counts: Uint32Array.from(counts),
  }));
}

describe('resident: hidden counts', () => {
  const shapes: [string, fc.Arbitrary<CountTable>][] = [
    ['a row', tableOf([5])],
    ['rows and columns', tableOf([3, 3])],
    ['two long rows', tableOf([2, 4])],
    ['three dimensions', tableOf([2, 2, 2])],
  ];
  for (const [name, tables] of shapes) {
    it(`cannot be computed from any totals: ${name}`, () => {
      fc.assert(
        fc.property(tables, (table) => {
          const hidden = hiddenCells(table, MINIMUM);
          if (!blockIsHidden(table, hidden)) assert.deepEqual(computableCells(table, hidden), new Set());
        }),
        { numRuns: 300 },
      );
    });
  }

  it('cannot be computed from totals by group either', () => {
    fc.assert(
      fc.property(tableOf([4, 2], [1, 1, 2, 2]), (table) => {
        const hidden = hiddenCells(table, MINIMUM);
        const computable = computableCells(table, hidden);
        for (const block of [
          [0, 1, 2, 3],
          [4, 5, 6, 7],
        ]) {
          if (block.some((cell) => hidden[cell] === 0)) assert.ok(!block.some((cell) => computable.has(cell)));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('are all that lie below the minimum, and none when nothing does', () => {
    fc.assert(
      fc.property(tableOf([3, 4]), fc.integer({ min: 1, max: 6 }), (table, minimum) => {
        const hidden = hiddenCells(table, minimum);
        for (const [cell, count] of table.counts.entries())
          if (count > 0 && count < minimum) assert.equal(hidden[cell], 1);
        const anySmall = table.counts.some((count) => count > 0 && count < minimum);
        assert.equal(
          hidden.some((isHidden) => isHidden === 1),
          anySmall,
        );
      }),
    );
  });

  it('are few: one small count in a full table hides the three smallest that make a box with it', () => {
    const counts = Uint32Array.from([1, 90, 20, 80, 70, 60, 30, 75, 10]);
    const hidden = hiddenCells({ dimensions: [{ size: 3 }, { size: 3 }], counts }, 5);
    assert.deepEqual([...hidden], [1, 0, 1, 0, 0, 0, 1, 0, 1]);
  });

  it('share their boxes where they can', () => {
    const counts = Uint32Array.from([1, 2, 50, 3, 4, 60, 40, 30, 80]);
    const hidden = hiddenCells({ dimensions: [{ size: 3 }, { size: 3 }], counts }, 5);
    assert.ok([...hidden].filter(Boolean).length < 9);
  });

  it('leave room for the minimum: what a row hides adds up to it at least', () => {
    const hidden = hiddenCells({ dimensions: [{ size: 4 }], counts: Uint32Array.from([3, 0, 1, 100]) }, 5);
    assert.deepEqual([...hidden], [1, 0, 1, 1]);
  });

  it('stand alone in a table of one cell, whose only total is itself', () => {
    assert.deepEqual([...hiddenCells({ dimensions: [{ size: 1 }], counts: Uint32Array.from([2]) }, 5)], [1]);
    assert.deepEqual([...hiddenCells({ dimensions: [{ size: 1 }], counts: Uint32Array.from([5]) }, 5)], [0]);
  });

  it('take their whole block with them where no box can hide them', () => {
    // The first two rows are a block in which only the first column has residents.
    const counts = Uint32Array.from([3, 0, 50, 0, 20, 30, 40, 60]);
    const dimensions = [{ size: 4, groups: [1, 1, 2, 2] }, { size: 2 }];
    assert.deepEqual([...hiddenCells({ dimensions, counts }, 5)], [1, 1, 1, 1, 0, 0, 0, 0]);
  });
});
