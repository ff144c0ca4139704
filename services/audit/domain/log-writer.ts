import type { Acknowledgement, Entry } from '#gen/rangkiang/audit/v1/audit.ts';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { type CheckedEntry, checkEntry, EntryRefused } from './check-entry.ts';
import type { CommitQueue, Item } from './commit-queue.ts';
import type { SealedPart, Sealer } from './seal.ts';

/** An entry as it is stored. */
export interface EntryRow extends Item {
  readonly eventId: Buffer;
  readonly timeUs: bigint;
  readonly kind: number;
  readonly opd: string;
  readonly method: string;
  readonly reason: string;
  readonly leaf: Buffer;
  readonly leafHash: Buffer;
  /** The subjects' commitments one after the other; null without subjects. */
  readonly commitments: Buffer | null;
  readonly purpose: number;
  /** What is personal in it. */
  readonly parts: readonly SealedPart[];
  /** What `parts` was made from, to be sealed anew when a key is destroyed before the row is committed. */
  readonly checked: CheckedEntry;
}

/** Index of a stored entry; null when its event id belongs to an entry with another leaf. */
export type Placed = bigint | null;

// What a row costs in memory and on the wire beside its bytes; a part has a key, which takes 800. A batch then has 4,000 parts at
// most, which commit in about 100 ms: whoever waits behind a pemadanan does not wait long.
const ROW_OVERHEAD_BYTES = 500;
const PART_OVERHEAD_BYTES = 1_000;

/** Whether the log may take anything at all; see Publisher. */
export interface Gate {
  readonly isOpen: boolean;
  /** Resolves when it is open. */
  opened(): Promise<void>;
}

/** Checks, seals and commits entries, whoever sends them. */
export class LogWriter {
  readonly #queue: CommitQueue<EntryRow, Placed>;
  readonly #sealer: Sealer;
  readonly #gate: Gate;

  constructor(queue: CommitQueue<EntryRow, Placed>, sealer: Sealer, gate: Gate) {
    this.#queue = queue;
    this.#sealer = sealer;
    this.#gate = gate;
  }

  /** Whether entries can be committed now; see CommitQueue. */
  get hasRoom(): boolean {
    return this.#gate.isOpen && this.#queue.hasRoom;
  }

  /** Resolves when entries can be committed. */
  async room(): Promise<void> {
    await this.#gate.opened();
    await this.#queue.room();
  }

  /**
   * Resolves when the entry is committed; an entry that the log already holds gets its first index again. Rejects with
   * EntryRefused when it can never be appended.
   */
  async write(entry: Entry): Promise<Acknowledgement> {
    const row = this.#rowOf(entry);
    const { erasedKeys, pruned } = row.checked.leaf;
    // The start of the service acts on them.
    if (erasedKeys.length > 0) throw new EntryRefused('only the audit service itself erases');
    // What is named there may be missing from the log.
    if (row.kind === Kind.PRUNED || pruned.length > 0) throw new EntryRefused('only the audit service itself prunes');
    return this.#commit(row);
  }

  /** The same for a record of the audit service's own. */
  async writeOwn(entry: Entry): Promise<Acknowledgement> {
    return this.#commit(this.#rowOf(entry));
  }

  async #commit(row: EntryRow): Promise<Acknowledgement> {
    const index = await this.#queue.add(row);
    // Acknowledged with the other's index, this record would be lost.
    if (index === null) throw new EntryRefused('the log holds another record with this event id');
    return { eventId: row.eventId, index, leafHash: row.leafHash };
  }

  #rowOf(entry: Entry): EntryRow {
    const checked = checkEntry(entry);
    const { eventId, leaf, leafHash, commitments } = checked;
    const parts = this.#sealer.seal(checked);
    const partsBytes = parts.reduce((sum, { sealed }) => sum + PART_OVERHEAD_BYTES + sealed.length, 0);
    return {
      id: eventId.toString('latin1'),
      bytes: ROW_OVERHEAD_BYTES + entry.leaf.length + commitments.length * 32 + partsBytes,
      eventId,
      timeUs: leaf.timeUs,
      kind: leaf.kind,
      opd: leaf.opd,
      method: leaf.method,
      reason: leaf.reason,
      leaf: entry.leaf,
      leafHash,
      commitments: commitments.length === 0 ? null : Buffer.concat(commitments),
      purpose: leaf.purpose,
      parts,
      checked,
    };
  }
}
