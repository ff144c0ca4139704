import type { Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { type AlertRule, alertRules } from './alert-rules.ts';
import { addVolume, VOLUME, type Volume } from './volume-rule.ts';

/** Something to look at, complete with the record that it was found by. */
export interface Finding {
  readonly rule: string;
  /** How many records, or rows for VOLUME, made it complete. */
  readonly count: number;
  /** Indexes of the newest of them. */
  readonly causedBy: readonly bigint[];
}

/** What one rule remembers of one key. */
interface Counted {
  /** Records that lie within the rule's time, oldest first: index, and milliseconds since 1970. */
  seen: (readonly [index: number, timeMs: number])[];
  quietUntilMs: number;
}

/** What the rules remember, as JSON keeps it. */
export interface Remembered {
  readonly counts?: readonly (readonly [rule: string, keys: readonly (readonly [key: string, counted: Counted])[]])[];
  readonly volumes?: readonly (readonly [opd: string, volume: Volume])[];
}

/** Those who were quiet longest are forgotten first: 5 MB at most for a rule, whatever the callers do. */
const MOST_KEYS = 5_000;
const CAUSES_TOLD = 10;

/**
 * What the rules have made of the records so far. The same records give the same findings, however often they are begun anew
 * from what was remembered in between. A record counts once: `add` passes over indexes that it has had.
 */
export class AlertFold {
  readonly #counts = new Map<string, Map<string, Counted>>();
  readonly #volumes: Map<string, Volume>;
  #next: bigint;

  /** Goes on at `next` with what `remembered` said there. */
  constructor(next: bigint, remembered: Remembered = {}) {
    this.#next = next;
    this.#volumes = new Map(structuredClone(remembered.volumes ?? []));
    const counts = new Map(structuredClone(remembered.counts ?? []));
    for (const { name } of alertRules) this.#counts.set(name, new Map(counts.get(name) ?? []));
  }

  /** All records below were added. */
  get next(): bigint {
    return this.#next;
  }

  /** Passes over records that are not there any more. */
  skipTo(index: bigint): void {
    if (index > this.#next) this.#next = index;
  }

  /** What to go on with; it stays as it is. */
  get remembered(): Remembered {
    const counts = [...this.#counts].map(([rule, keys]) => [rule, [...keys]] as const);
    return structuredClone({ counts, volumes: [...this.#volumes] });
  }

  /** Adds the next record; answers what it made complete. */
  add(index: bigint, leaf: Leaf): Finding[] {
    if (index < this.#next) return [];
    this.#next = index + 1n;
    const found = alertRules.map((rule) => (rule.when(leaf) ? this.#count(rule, index, leaf) : undefined));
    const rows = addVolume(this.#volumes, leaf);
    if (rows !== undefined) found.push({ rule: VOLUME, count: rows, causedBy: [index] });
    return found.filter((finding) => finding !== undefined);
  }

  #count(rule: AlertRule, index: bigint, leaf: Leaf): Finding | undefined {
    const timeMs = Number(leaf.timeUs / 1_000n);
    const counted = this.#recall(rule, leaf);
    if (timeMs < counted.quietUntilMs) return undefined;
    const seen = counted.seen.filter(([, seenMs]) => seenMs > timeMs - rule.withinMs);
    seen.push([Number(index), timeMs]);
    const isComplete = seen.length >= rule.count;
    counted.seen = isComplete ? [] : seen;
    if (!isComplete) return undefined;
    counted.quietUntilMs = timeMs + rule.quietMs;
    const causedBy = seen.slice(-CAUSES_TOLD).map(([at]) => BigInt(at));
    return { rule: rule.name, count: seen.length, causedBy };
  }

  #recall({ name, whose }: AlertRule, leaf: Leaf): Counted {
    const keys = this.#counts.get(name) as Map<string, Counted>;
    const key = whose(leaf);
    const counted = keys.get(key) ?? { seen: [], quietUntilMs: 0 };
    // The latest last.
    keys.delete(key);
    keys.set(key, counted);
    if (keys.size > MOST_KEYS) keys.delete(keys.keys().next().value as string);
    return counted;
  }
}
