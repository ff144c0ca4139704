import { type AggregateCell, Dimension } from '#gen/rangkiang/resident/v1/resident.ts';
import { countedBy } from './dimensions.ts';
import { kecamatanOf } from './regions.ts';
import { hiddenCells } from './suppression.ts';

/** One line of counts: a stored value for each dimension, null for "not on record", and how many residents have them. */
export interface CountLine {
  readonly values: readonly (number | null)[];
  readonly count: number;
}

/** The largest table that is answered, its empty cells included: hiding then takes at most about 0.1 s. */
export const MAX_CELLS = 25_000;

/** Stands for "not on record" among the values of a dimension; codes begin at 1, age groups at 0. */
const NOT_ON_RECORD = -1;

/**
 * The dimensions that make up a table. Every kelurahan has one kecamatan, so counting by both is counting by kelurahan; the
 * kecamatan is written beside it.
 */
export function tableDimensions(asked: readonly Dimension[]): Dimension[] {
  const byKelurahan = asked.includes(Dimension.KELURAHAN);
  return asked.filter((dimension) => !(byKelurahan && dimension === Dimension.KECAMATAN));
}

/**
 * The answer's cells, ordered by their values: counts from `minimum` on, and hidden cells with 0 (see hiddenCells). `lines`
 * have the values of tableDimensions(asked). Undefined when the table has more than MAX_CELLS cells.
 */
export function answerCells(
  asked: readonly Dimension[],
  lines: readonly CountLine[],
  minimum: number,
): AggregateCell[] | undefined {
  const dimensions = tableDimensions(asked);
  const axes = dimensions.map((_, d) =>
    [...new Set(lines.map(({ values }) => values[d] ?? NOT_ON_RECORD))].sort((a, b) => a - b),
  );
  const size = axes.reduce((product, axis) => product * axis.length, 1);
  if (size > MAX_CELLS) return undefined;

  const positions = axes.map((axis) => new Map(axis.map((value, position) => [value, position])));
  const counts = new Uint32Array(size);
  for (const { values, count } of lines) {
    const cell = axes.reduce(
      (index, axis, d) => index * axis.length + (positions[d]?.get(values[d] ?? NOT_ON_RECORD) ?? 0),
      0,
    );
    counts[cell] = count;
  }
  const hidden = hiddenCells(
    {
      dimensions: axes.map((axis, d) => ({
        size: axis.length,
        ...(dimensions[d] === Dimension.KELURAHAN ? { groups: kecamatanGroups(axis) } : {}),
      })),
      counts,
    },
    minimum,
  );
  const shown = [...counts.keys()].filter((cell) => counts[cell] !== 0 || hidden[cell] === 1);
  return shown.map((cell) => {
    const suppressed = hidden[cell] === 1;
    const values = written(asked, dimensions, valuesAt(cell, axes));
    return { values, count: suppressed ? 0n : BigInt(counts[cell] as number), suppressed };
  });
}

/**
 * The kecamatan of each kelurahan in ascending order, as groups for hiding. One that stands alone in the table joins its
 * neighbour: in its own group nothing could hide it.
 */
function kecamatanGroups(kelurahan: readonly number[]): number[] {
  const kecamatan = kelurahan.map(kecamatanOf);
  const isAlone = (i: number) => kecamatan[i] !== kecamatan[i - 1] && kecamatan[i] !== kecamatan[i + 1];
  const groups: number[] = [];
  for (const [i, own] of kecamatan.entries()) {
    const neighbour = i > 0 ? groups[i - 1] : isAlone(1) ? own : kecamatan[1];
    groups.push(isAlone(i) ? (neighbour ?? own) : own);
  }
  return groups;
}

function valuesAt(cell: number, axes: readonly (readonly number[])[]): number[] {
  let rest = cell;
  return axes
    .toReversed()
    .map((axis) => {
      const value = axis[rest % axis.length] as number;
      rest = Math.floor(rest / axis.length);
      return value;
    })
    .reverse();
}

function written(asked: readonly Dimension[], dimensions: readonly Dimension[], values: readonly number[]): string[] {
  return asked.map((dimension) => {
    const isDerived = !dimensions.includes(dimension);
    const value = values[dimensions.indexOf(isDerived ? Dimension.KELURAHAN : dimension)] as number;
    if (value === NOT_ON_RECORD) return '';
    return countedBy.get(dimension)?.write(isDerived ? kecamatanOf(value) : value) ?? '';
  });
}
