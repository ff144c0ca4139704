import { once } from 'node:events';
import type { Entry } from '#gen/rangkiang/audit/v1/audit.ts';
import { Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { MeshError } from '#mesh/errors.ts';
import { leafHash } from '#mesh/leaf.ts';
import type { Appender } from '#mesh/record.ts';

/** Where records go in tests of those who write them: a log in memory, idempotent by event id, that can be away. */
export class MemoryLog implements Appender {
  /** What was appended, by index. */
  readonly leaves: Leaf[] = [];
  /** The same with what lies beside the leaves, to be sealed. */
  readonly entries: Entry[] = [];
  /** Refuses everything, as when the audit service is down. */
  away = false;
  /** Commits what it is given, but its acknowledgements are lost. */
  mute = false;
  readonly #tried = new EventTarget();

  async append(entry: Entry): Promise<{ index: bigint; leafHash: Buffer }> {
    this.#tried.dispatchEvent(new Event('append'));
    if (this.away) throw new MeshError('AUDIT_UNAVAILABLE');
    const { leaf } = entry;
    const decoded = Leaf.decode(leaf);
    const known = this.leaves.findIndex(({ eventId }) => eventId.equals(decoded.eventId));
    const index = known >= 0 ? known : this.leaves.push(decoded) - 1;
    this.entries[index] ??= entry;
    if (this.mute) throw new MeshError('AUDIT_UNAVAILABLE');
    return { index: BigInt(index), leafHash: leafHash(leaf) };
  }

  /** Resolves at the next attempt to append, which has then failed or succeeded. */
  async nextAppend(): Promise<void> {
    await once(this.#tried, 'append');
  }
}
