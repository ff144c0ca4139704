import { Kind, Leaf, type PrunedRange } from '../../proto/gen/rangkiang/audit/v1/leaf.ts';

// Field `kind` of a leaf as it stands in its bytes: few others hold these two, and decoding every entry would take four times as long.
const KIND_PRUNED = Buffer.from([3 << 3, Kind.PRUNED]);

/** Which entries of a log are missing, held against what the log itself says was pruned. */
export class Pruning {
  readonly #missing: PrunedRange[] = [];
  readonly #named: PrunedRange[] = [];
  #count = 0n;

  /** How many entries are missing. */
  get missing(): bigint {
    return this.#count;
  }

  /** The entries from `firstIndex` up to, not including, `belowIndex` are missing. They are told in order. */
  miss(firstIndex: bigint, belowIndex: bigint): void {
    this.#count += belowIndex - firstIndex;
    const last = this.#missing.at(-1);
    if (last?.belowIndex === firstIndex) last.belowIndex = belowIndex;
    else this.#missing.push({ firstIndex, belowIndex });
  }

  /** Looks which of these entries, from `firstIndex` on, name what is missing before them. */
  read(entries: readonly Buffer[], firstIndex: bigint): void {
    if (this.#count === 0n) return;
    for (const [at, entry] of entries.entries()) {
      if (!entry.includes(KIND_PRUNED)) continue;
      const { kind, pruned } = decoded(entry) ?? {};
      if (kind !== Kind.PRUNED || !pruned) continue;
      this.#named.push(...pruned.filter(({ belowIndex }) => belowIndex <= firstIndex + BigInt(at)));
    }
  }

  /** The first entry that is missing and that no record names; undefined when there is none. */
  firstUnexplained(): bigint | undefined {
    const named = this.#named.toSorted((a, b) => (a.firstIndex < b.firstIndex ? -1 : 1));
    let at = 0;
    for (const { firstIndex, belowIndex } of this.#missing) {
      for (let next = firstIndex; next < belowIndex; ) {
        while ((named[at]?.belowIndex ?? belowIndex) <= next) at++;
        const range = named[at];
        if (!range || range.firstIndex > next) return next;
        next = range.belowIndex;
      }
    }
    return undefined;
  }
}

function decoded(entry: Buffer): Leaf | undefined {
  try {
    return Leaf.decode(entry);
  } catch {
    return undefined;
  }
}
