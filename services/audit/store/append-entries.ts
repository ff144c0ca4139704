import type { Pipeline } from '#mesh/sql.ts';
import { EntryRefused } from '../domain/check-entry.ts';
import type { EntryRow, Placed } from '../domain/log-writer.ts';
import { binaryArray, pgTypes } from './binary-array.ts';

const statement = {
  name: 'append-entries',
  text: `select append_sealed(${Array.from({ length: 19 }, (_, at) => `$${at + 1}`).join(', ')}) as indexes`,
};

/**
 * Commits rows in one round trip and one transaction, durably. Resolves with the index of each, in order, and null for a row
 * whose event id belongs to an entry with another leaf. Rows must have different event ids. Rejects with EntryRefused when
 * Postgres refuses a value; after any other error it is unknown whether the rows are committed: call again.
 *
 * The keys that are not stored yet are stored with them. Resolves with null, having done nothing, when the key store counts
 * other `destructions`: a key of these rows may be destroyed.
 */
export async function appendEntries(
  pipeline: Pipeline,
  rows: readonly EntryRow[],
  destructions: bigint,
): Promise<Placed[] | null> {
  const { bytea, uuid, text, int4, int8 } = pgTypes;
  const column = <K extends keyof EntryRow>(name: K) => rows.map((row) => row[name]);
  const parts = rows.flatMap((row, at) => row.parts.map((part) => ({ ...part, purpose: row.purpose, of: at + 1 })));
  const fresh = [...new Set(parts.map(({ key }) => key).filter(({ stored }) => !stored))];
  const values = [
    binaryArray(uuid, column('eventId')),
    binaryArray(int8, column('timeUs')),
    binaryArray(int4, column('kind')),
    binaryArray(text, column('opd')),
    binaryArray(text, column('method')),
    binaryArray(text, column('reason')),
    binaryArray(bytea, column('leaf')),
    binaryArray(bytea, column('leafHash')),
    binaryArray(bytea, column('commitments')),
    ...[
      binaryArray(
        int8,
        fresh.map(({ keyId }) => keyId),
      ),
      binaryArray(
        bytea,
        fresh.map(({ ownerTag }) => ownerTag),
      ),
    ],
    ...[
      binaryArray(
        int4,
        fresh.map(({ master }) => master),
      ),
      binaryArray(
        bytea,
        fresh.map(({ wrapped }) => wrapped),
      ),
    ],
    binaryArray(
      bytea,
      parts.map(({ key }) => key.ownerTag),
    ),
    binaryArray(
      int4,
      parts.map(({ purpose }) => purpose),
    ),
    binaryArray(
      int8,
      parts.map(({ key }) => key.keyId),
    ),
    binaryArray(
      bytea,
      parts.map(({ sealed }) => sealed),
    ),
    binaryArray(
      int4,
      parts.map(({ of }) => of),
    ),
    destructions,
  ];
  try {
    const [answer] = await pipeline.query<{ indexes: string[] | null }>(statement, values);
    if (!answer?.indexes) return null;
    for (const key of fresh) key.stored = true;
    return answer.indexes.map((index) => (index === '-1' ? null : BigInt(index)));
  } catch (error) {
    if (isFaultOfValues(error)) throw new EntryRefused('Postgres refuses a value of the entry', { cause: error });
    throw error;
  }
}

/** SQLSTATE class 22 is a data exception, 23 an integrity violation; connections, locks, space and rights are others. */
function isFaultOfValues(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^2[23]...$/.test(code);
}
