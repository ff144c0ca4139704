import { Sign } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';

/** A caller: the operator where one is asserted, else the system. */
export type Caller = Pick<Grant, 'opd' | 'unit' | 'system' | 'operator' | 'operatorPseudonym'>;

/** A resident who was looked at, as far as it was read. */
export interface Seen {
  readonly nik: string;
  readonly name: string | undefined;
}

// Some 5,000 operators are at work, and 30,000 residents are looked at in a day: 10 MB.
const CALLERS = 5_000;
const RESIDENTS = 50_000;
const HOUSEHOLDS_OF_A_CALLER = 32;
const MANY_OPDS = 5;
const DAY_MS = 86_400_000;
/** Within one visit to a counter an operator looks at a household several times. */
const VISIT_MS = 30 * 60_000;
/** NIK: 6 digits of the region, 6 of the birth date, 4 of the sequence. */
const SEQUENCE_DIGITS = 4;
const NEIGHBOURS = 3;
const SHORTEST_NAME = 4;

/** A map that forgets what was not used for longest. */
class Recent<V> {
  readonly #map = new Map<string, V>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** What is kept under the key, or else what `make` gives. */
  use(key: string, make: () => V): V {
    const value = this.#map.get(key) ?? make();
    this.#map.delete(key);
    this.#map.set(key, value);
    if (this.#map.size > this.#most) this.#map.delete(this.#map.keys().next().value as string);
    return value;
  }
}

interface Household {
  readonly members: ReadonlySet<string>;
  seenMs: number;
}

interface Known {
  nik: string;
  households: Household[];
}

/** The last word of a name, without titles; empty for a single or a short one. */
function familyName(name: string): string {
  const words = (name.split(',')[0] ?? '').trim().toUpperCase().split(/\s+/);
  const last = words.at(-1) ?? '';
  return words.length > 1 && last.length >= SHORTEST_NAME ? last : '';
}

/** The operator as asserted is the id and, where the OPD tells it, the name after it. */
function nameOf(operator: string): string {
  const space = operator.indexOf(' ');
  return space < 0 ? '' : operator.slice(space + 1);
}

function areNeighbours(one: string, other: string): boolean {
  const distance = Math.abs(Number(one.slice(-SEQUENCE_DIGITS)) - Number(other.slice(-SEQUENCE_DIGITS)));
  const isSameDay = one.slice(0, -SEQUENCE_DIGITS) === other.slice(0, -SEQUENCE_DIGITS);
  return isSameDay && distance > 0 && distance <= NEIGHBOURS;
}

/**
 * What this process remembers of its callers, so that a record can say what only plain data show, and none of the data. It is
 * lost with the process, and every process has its own: signs may be missing, never wrong. 1 us a call.
 */
export class CallerMemory {
  readonly #callers = new Recent<Known>(CALLERS);
  readonly #opds = new Recent<{ sinceMs: number; codes: Set<string> }>(RESIDENTS);
  readonly #nowMs: () => number;

  constructor(nowMs: () => number = Date.now) {
    this.#nowMs = nowMs;
  }

  /** Signs of a NIK that is asked for, found or not. */
  asked(caller: Caller, nik: string): Sign[] {
    const known = this.#known(caller);
    const before = known.nik;
    known.nik = nik;
    return areNeighbours(before, nik) ? [Sign.NIK_NEIGHBOUR] : [];
  }

  /** Signs of residents whose data leave together; several are a household. */
  answered(caller: Caller, seen: readonly Seen[]): Sign[] {
    const signs: Sign[] = [];
    if (caller.operatorPseudonym !== '' && this.#comesBack(caller, seen)) signs.push(Sign.SAME_HOUSEHOLD);
    const own = familyName(nameOf(caller.operator));
    if (own !== '' && seen.some(({ name }) => familyName(name ?? '') === own)) signs.push(Sign.OPERATORS_NAME);
    // Of all, since each one is to be remembered.
    if (seen.filter(({ nik }) => this.#isWanted(caller.opd, nik)).length > 0) signs.push(Sign.MANY_OPDS);
    return signs;
  }

  #known({ opd, unit, system, operatorPseudonym }: Caller): Known {
    const key = operatorPseudonym === '' ? `${opd}/${unit}/${system}` : `${opd}/${operatorPseudonym}`;
    return this.#callers.use(key, () => ({ nik: '', households: [] }));
  }

  #comesBack(caller: Caller, seen: readonly Seen[]): boolean {
    const known = this.#known(caller);
    const nowMs = this.#nowMs();
    const household = known.households.find(({ members }) => seen.some(({ nik }) => members.has(nik)));
    if (!household) {
      if (seen.length > 1) known.households.push({ members: new Set(seen.map(({ nik }) => nik)), seenMs: nowMs });
      if (known.households.length > HOUSEHOLDS_OF_A_CALLER) known.households.shift();
      return false;
    }
    const isLater = nowMs - household.seenMs > VISIT_MS;
    household.seenMs = nowMs;
    return isLater;
  }

  #isWanted(opd: string, nik: string): boolean {
    const nowMs = this.#nowMs();
    const looked = this.#opds.use(nik, () => ({ sinceMs: nowMs, codes: new Set() }));
    if (nowMs - looked.sinceMs > DAY_MS) Object.assign(looked, { sinceMs: nowMs, codes: new Set() });
    if (looked.codes.has(opd)) return false;
    looked.codes.add(opd);
    return looked.codes.size === MANY_OPDS;
  }
}
