/**
 * Hides small counts of a table, and as many others that they cannot be computed from totals: the hypercube method (Repsilber
 * 1994; also in tau-ARGUS). Each small cell becomes a corner of a box whose other corners are hidden too. Adding one to every
 * second corner and taking one from the rest changes no total along any dimension, so whoever knows all totals and all shown
 * cells still cannot tell which of several tables is the true one.
 *
 * What it does not see are other tables: the same counts asked for overlapping sets of regions can be subtracted from each
 * other. That is left to quotas and to the records of every call.
 */

/** One dimension of a table. */
export interface TableDimension {
  /** How many values it has. */
  readonly size: number;
  /**
   * A group for each value where a coarser table would show totals by group (kelurahan by kecamatan): boxes stay inside
   * one, so that those totals hold too.
   */
  readonly groups?: readonly number[];
}

/** Counts of every combination of values, the last dimension running fastest; combinations without residents are 0. */
export interface CountTable {
  readonly dimensions: readonly TableDimension[];
  readonly counts: Uint32Array;
}

/**
 * Boxes tried first for a small cell; all of them only when none of these will do. With 64, a table of 20,800 cells with 6,700
 * small ones takes 0.1 s on a busy machine; four times as many hide hardly fewer residents.
 */
const FIRST_BOXES = 64;

/** Added to the loss of a box in which the small cell cannot rise to the minimum; more than any table counts. */
const NARROW = 2 ** 40;

/**
 * Which cells to hide: 1 for hidden. All counts from 1 to minimum - 1 are, and for every hidden cell there is another table
 * with the same shown cells and the same totals in which it differs. Hidden cells may be 0, and must then be listed as
 * hidden like the others. Where a cell has no such box, its whole block (all cells of its groups) is hidden.
 */
export function hiddenCells(table: CountTable, minimum: number): Uint8Array {
  const { counts } = table;
  const hidden = Uint8Array.from(counts, (count) => (count > 0 && count < minimum ? 1 : 0));
  const small = [...hidden.keys()].filter((cell) => hidden[cell] === 1);
  const space = new Space(table.dimensions);
  const hiddenBlocks = new Set<string>();
  for (const cell of small) {
    const block = space.blockOf(cell);
    if (hiddenBlocks.has(block)) continue;
    const box = bestBox(cell, space, { counts, hidden, needed: minimum - at(counts, cell) });
    if (box) for (const corner of box) hidden[corner] = 1;
    else hiddenBlocks.add(block);
  }
  if (hiddenBlocks.size === 0) return hidden;
  return hidden.map((isHidden, cell) => (hiddenBlocks.has(space.blockOf(cell)) ? 1 : isHidden));
}

/** What the choice of a box looks at. */
interface State {
  readonly counts: Uint32Array;
  readonly hidden: Uint8Array;
  /** How much the small cell must be able to rise. */
  readonly needed: number;
}

/** The corners of the cheapest box that protects a cell; undefined when none does. */
function bestBox(cell: number, space: Space, state: State): number[] | undefined {
  const neighbours = space.neighboursOf(cell).filter((cells) => cells.length > 0);
  for (const cells of neighbours) cells.sort((a, b) => neighbourLoss(a, state) - neighbourLoss(b, state));
  const most = Math.floor(FIRST_BOXES ** (1 / neighbours.length));
  const first = neighbours.map((cells) => cells.slice(0, most));
  return cheapestBox(cell, first, state) ?? cheapestBox(cell, neighbours, state);
}

/** How promising a neighbour is: hidden already, then the smallest that is large enough, then the largest. */
function neighbourLoss(cell: number, { counts, hidden, needed }: State): number {
  const count = at(counts, cell);
  if (count < needed) return NARROW - count;
  return hidden[cell] === 1 ? 0 : count;
}

/** The cheapest of the boxes with `cell` and one neighbour along each dimension as corners. */
function cheapestBox(cell: number, neighbours: readonly (readonly number[])[], state: State): number[] | undefined {
  const boxes = neighbours.reduce((product, cells) => product * cells.length, 1);
  const corners = new Array<number>(2 ** neighbours.length).fill(cell);
  let best: number[] | undefined;
  let leastLoss = Number.POSITIVE_INFINITY;
  for (let box = 0; box < boxes; box++) {
    let rest = box;
    let set = 1;
    for (const cells of neighbours) {
      const offset = (cells[rest % cells.length] as number) - cell;
      rest = Math.floor(rest / cells.length);
      for (let i = 0; i < set; i++) corners[set + i] = (corners[i] as number) + offset;
      set *= 2;
    }
    const loss = lossOf(corners, state);
    if (loss < leastLoss) {
      leastLoss = loss;
      best = [...corners];
    }
  }
  return best;
}

/**
 * What hiding a box costs: the residents in corners that would otherwise be shown. Infinite when nothing can move in it.
 * Corner i differs from the small cell along dimension d when bit d of i is set.
 */
function lossOf(corners: readonly number[], { counts, hidden, needed }: State): number {
  let up = Number.POSITIVE_INFINITY;
  let down = Number.POSITIVE_INFINITY;
  let loss = 0;
  for (let i = 0; i < corners.length; i++) {
    const corner = corners[i] as number;
    const count = at(counts, corner);
    if (hasOddBits(i)) up = Math.min(up, count);
    else down = Math.min(down, count);
    if (hidden[corner] === 0) loss += count;
  }
  if (corners.length > 1 && up + down === 0) return Number.POSITIVE_INFINITY;
  return up >= needed ? loss : loss + NARROW;
}

/** Whether an odd number of bits is set, for at most three. */
function hasOddBits(bits: number): boolean {
  return ((bits ^ (bits >> 1) ^ (bits >> 2)) & 1) === 1;
}

/** Where the cells of a table lie. */
class Space {
  readonly #dimensions: readonly TableDimension[];
  readonly #strides: readonly number[];

  constructor(dimensions: readonly TableDimension[]) {
    this.#dimensions = dimensions;
    this.#strides = dimensions.map((_, d) => dimensions.slice(d + 1).reduce((product, { size }) => product * size, 1));
  }

  /** For each dimension the cells that differ from one only there, within its group. */
  neighboursOf(cell: number): number[][] {
    return this.#dimensions.map(({ size, groups }, dimension) => {
      const value = this.#valueOf(cell, dimension);
      const neighbours: number[] = [];
      for (let other = 0; other < size; other++) {
        const offset = (other - value) * (this.#strides[dimension] as number);
        if (other !== value && groups?.[other] === groups?.[value]) neighbours.push(cell + offset);
      }
      return neighbours;
    });
  }

  /** Names the block of the table in which the boxes of a cell lie. */
  blockOf(cell: number): string {
    return this.#dimensions.map(({ groups }, dimension) => groups?.[this.#valueOf(cell, dimension)] ?? 0).join();
  }

  #valueOf(cell: number, dimension: number): number {
    const { size } = this.#dimensions[dimension] as TableDimension;
    return Math.floor(cell / (this.#strides[dimension] as number)) % size;
  }
}

function at(counts: Uint32Array, cell: number): number {
  return counts[cell] as number;
}
