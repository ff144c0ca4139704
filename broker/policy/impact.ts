import { setImmediate as nextTurn } from 'node:timers/promises';
import { type AccessChange, Ages } from '#gen/rangkiang/broker/v1/simulation.ts';
import type { Element } from '#gen/rangkiang/type/v1/element.ts';
import { type Access, accessOf } from './access.ts';
import type { Candidate } from './candidate.ts';
import type { PolicyTime } from './decide.ts';
import type { RegionTable } from './regions.ts';
import type { Snapshot } from './snapshot.ts';

/** What an OPD gains and loses from one policy to another. */
export interface Impact {
  readonly gains: AccessChange[];
  readonly losses: AccessChange[];
}

/** Everything that the permits of `touched` speak about: purpose -> unit -> methods. */
function usesOf(touched: readonly Candidate[]): Map<string, Map<string, Set<string>>> {
  const uses = new Map<string, Map<string, Set<string>>>();
  for (const { izin, rows } of touched) {
    for (const [method, byPurpose] of rows) {
      for (const purpose of byPurpose.keys()) {
        const units = uses.get(purpose) ?? new Map<string, Set<string>>();
        uses.set(purpose, units);
        for (const { unit } of izin?.units ?? []) units.set(unit, (units.get(unit) ?? new Set()).add(method));
      }
    }
  }
  return uses;
}

/**
 * Compares what one OPD can reach under two policies at one time, over the units, methods and purposes of the permits that
 * differ between them (`touched`). Nothing else can have changed. About 0.2 ms for each unit and
 * method of a permit with 500 units, so other calls get their turn after each unit.
 */
export async function impactOf(
  opd: string,
  before: Snapshot,
  after: Snapshot,
  touched: readonly Candidate[],
  time: PolicyTime,
  regions: RegionTable,
): Promise<Impact> {
  const gains: AccessChange[] = [];
  const losses: AccessChange[] = [];
  for (const [purpose, units] of usesOf(touched)) {
    for (const [unit, methods] of units) {
      await nextTurn();
      const gained = new Changes(unit, purpose, regions);
      const lost = new Changes(unit, purpose, regions);
      for (const method of methods) {
        const question = { permit: '', opd, unit, method, purpose };
        const was = accessOf(before, question, time, regions);
        const is = accessOf(after, question, time, regions);
        gained.compare(method, was, is);
        lost.compare(method, is, was);
      }
      gains.push(...gained.list);
      losses.push(...lost.list);
    }
  }
  return { gains, losses };
}

/** Elements that are gained or lost in the same place for the same ages. */
interface Box {
  readonly ages: Ages;
  readonly where: bigint;
  readonly elements: Element[];
}

/** What one unit has more of, methods of the same change together. */
class Changes {
  readonly #unit: string;
  readonly #purpose: string;
  readonly #regions: RegionTable;
  readonly #byContent = new Map<string, AccessChange>();

  constructor(unit: string, purpose: string, regions: RegionTable) {
    this.#unit = unit;
    this.#purpose = purpose;
    this.#regions = regions;
  }

  get list(): AccessChange[] {
    return [...this.#byContent.values()];
  }

  /** Notes what `more` reaches and `less` does not. */
  compare(method: string, less: Access, more: Access): void {
    const whole = more.callable && !less.callable;
    const boxes = this.#boxes(less, more);
    // Let in, and yet with nothing to see.
    if (whole && boxes.length === 0) boxes.push({ ages: Ages.UNSPECIFIED, where: 0n, elements: [] });
    for (const { ages, where, elements } of boxes) {
      const key = JSON.stringify([whole, ages, String(where), elements]);
      const known = this.#byContent.get(key);
      if (known) known.methods.push(method);
      else this.#byContent.set(key, this.#change(method, whole, { ages, where, elements }));
    }
  }

  #boxes(less: Access, more: Access): Box[] {
    const size = BigInt(this.#regions.size);
    const boxes = new Map<string, Box>();
    for (const [element, mask] of [...more.cells].sort(([one], [other]) => one - other)) {
      const added = mask & ~(less.cells.get(element) ?? 0n);
      const adults = added & ((1n << size) - 1n);
      const children = added >> size;
      const parts = [
        [Ages.ALL, adults & children],
        [Ages.ADULTS, adults & ~children],
        [Ages.CHILDREN, children & ~adults],
      ] as const;
      for (const [ages, where] of parts) {
        if (where === 0n) continue;
        const key = `${ages} ${where}`;
        const box = boxes.get(key) ?? { ages, where, elements: [] };
        box.elements.push(element);
        boxes.set(key, box);
      }
    }
    return [...boxes.values()];
  }

  #change(method: string, whole: boolean, { ages, where, elements }: Box): AccessChange {
    const { kecamatan, kelurahan } = this.#regions.counts(where);
    return {
      unit: this.#unit,
      methods: [method],
      purpose: this.#purpose,
      whole,
      elements,
      regions: this.#regions.codesOf(where),
      kecamatanCount: kecamatan,
      kelurahanCount: kelurahan,
      ages,
    };
  }
}
