import type { Element } from '#gen/rangkiang/type/v1/element.ts';
import type { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';
import type { Method } from '#mesh/contract.ts';
import type { Candidate } from './candidate.ts';
import { type Judgement, judge, type PolicyVersion, type Stopped, type Use } from './judge.ts';
import { isStatutory } from './statute.ts';

/** Units can be asked about by any name (Explain); a permit names at most 500. */
const REMEMBERED_UNITS = 1_000;

/** The judgements of one use; each is made when it is first asked for. */
class JudgedUse {
  readonly #policy: OpdPolicy;
  readonly #use: Use;
  readonly #judgements: Judgement[] = [];
  #firstOpen: number | undefined;

  constructor(policy: OpdPolicy, use: Use) {
    this.#policy = policy;
    this.#use = use;
  }

  /** `index` of the candidate in its OPD's policy. */
  at(index: number): Judgement {
    const { candidates, stopped } = this.#policy;
    this.#judgements[index] ??= judge(candidates[index] as Candidate, stopped, this.#use);
    return this.#judgements[index];
  }

  /**
   * The first permit that is not refused whatever the call and its time are: an OPD has a permit for each of its units, and
   * another unit's never fits. The number of candidates when there is none.
   */
  get firstOpen(): number {
    this.#firstOpen ??= this.#findOpen();
    return this.#firstOpen;
  }

  #findOpen(): number {
    const { length } = this.#policy.candidates;
    for (let index = 1; index < length; index += 1) {
      const { before, outcome } = this.at(index);
      if (before === undefined && typeof outcome !== 'string') return index;
    }
    return length;
  }
}

/** Judged candidates from one index up to, and without, another. */
export interface Candidates {
  readonly judged: JudgedUse;
  readonly from: number;
  readonly to: number;
  /** Those before are refused whatever the call and its time are. */
  readonly firstOpen: number;
}

/** All of them at once. */
export function allJudgements({ judged, from, to }: Candidates): Judgement[] {
  return Array.from({ length: to - from }, (_, offset) => judged.at(from + offset));
}

/** What could carry the calls of one OPD in one snapshot, with the memo of the judgements. */
export class OpdPolicy {
  readonly opd: string;
  readonly version: PolicyVersion;
  /** Statute first, then the permits in the order in which they were issued. */
  readonly candidates: readonly Candidate[];
  /** Permits that were revoked, are suspended or in doubt. */
  readonly stopped: Stopped;
  readonly frozenElements: ReadonlySet<Element>;
  readonly #indexes: ReadonlyMap<string, number>;
  /** Unit -> method -> purpose. Maps in maps, since no joined key is safe from its own separator. */
  readonly #memo = new Map<string, Map<string, JudgedUse[]>>();

  constructor(
    opd: string,
    version: PolicyVersion,
    candidates: readonly Candidate[],
    stopped: Stopped,
    frozenElements: ReadonlySet<Element>,
    indexes: ReadonlyMap<string, number> = new Map(candidates.map((candidate, index) => [candidate.id, index])),
  ) {
    this.opd = opd;
    this.version = version;
    this.candidates = candidates;
    this.stopped = stopped;
    this.frozenElements = frozenElements;
    this.#indexes = indexes;
  }

  /**
   * The same permits at a later version, with an empty memo. It shares what it holds: a change that concerns one OPD must not
   * cost the time of all permits of the city (20 ms for 25,000).
   */
  at(version: PolicyVersion, stopped: Stopped, frozenElements: ReadonlySet<Element>): OpdPolicy {
    return new OpdPolicy(this.opd, version, this.candidates, stopped, frozenElements, this.#indexes);
  }

  /**
   * What could carry a use, oldest first: the candidate that the caller names, otherwise statute for a method of statute and
   * permits for others. Undefined when the OPD has none of the name.
   */
  candidatesFor(permit: string, unit: string, method: Method, purpose: Purpose): Candidates | undefined {
    const judged = this.#judged(unit, method, purpose);
    if (permit === '' && isStatutory(method)) return { judged, from: 0, to: 1, firstOpen: 0 };
    if (permit === '') return { judged, from: 1, to: this.candidates.length, firstOpen: judged.firstOpen };
    const index = this.#indexes.get(permit);
    return index === undefined ? undefined : { judged, from: index, to: index + 1, firstOpen: index };
  }

  #judged(unit: string, method: Method, purpose: Purpose): JudgedUse {
    let methods = this.#memo.get(unit);
    if (methods === undefined) {
      methods = new Map();
      if (this.#memo.size < REMEMBERED_UNITS) this.#memo.set(unit, methods);
    }
    let purposes = methods.get(method.path);
    if (purposes === undefined) {
      purposes = [];
      methods.set(method.path, purposes);
    }
    const { version, opd, frozenElements } = this;
    purposes[purpose] ??= new JudgedUse(this, { version, opd, unit, method, purpose, frozenElements });
    return purposes[purpose];
  }
}
