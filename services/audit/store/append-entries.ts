import type { Pipeline } from '#mesh/sql.ts';
import { EntryRefused } from '../domain/check-entry.ts';
import type { EntryRow, Placed } from '../domain/log-writer.ts';
import { binaryArray, pgTypes } from './binary-array.ts';

const statement = {
  name: 'append-entries',
  text: `select append_sealed(${Array.from({ length: 19 }, (_, at) => `$${at + 1}`).join(', ')}) as indexes`,
};

/** One column of some rows. */
const pluck = <Row, K extends keyof Row>(rows: readonly Row[], name: K): Row[K][] => rows.map((row) => row[name]);

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
  const parts = rows.flatMap((row, at) => row.parts.map((part) => ({ ...part, purpose: row.purpose, of: at + 1 })));
  const fresh = [...new Set(pluck(parts, 'key').filter(({ stored }) => !stored))];
  const values = [
    binaryArray(uuid, pluck(rows, 'eventId')),
    binaryArray(int8, pluck(rows, 'timeUs')),
    binaryArray(int4, pluck(rows, 'kind')),
    binaryArray(text, pluck(rows, 'opd')),
    binaryArray(text, pluck(rows, 'method')),
    binaryArray(text, pluck(rows, 'reason')),
    binaryArray(bytea, pluck(rows, 'leaf')),
    binaryArray(bytea, pluck(rows, 'leafHash')),
    binaryArray(bytea, pluck(rows, 'commitments')),
    binaryArray(int8, pluck(fresh, 'keyId')),
    binaryArray(bytea, pluck(fresh, 'ownerTag')),
    binaryArray(int4, pluck(fresh, 'master')),
    binaryArray(bytea, pluck(fresh, 'wrapped')),
    binaryArray(bytea, pluck(pluck(parts, 'key'), 'ownerTag')),
    binaryArray(int4, pluck(parts, 'purpose')),
    binaryArray(int8, pluck(pluck(parts, 'key'), 'keyId')),
    binaryArray(bytea, pluck(parts, 'sealed')),
    binaryArray(int4, pluck(parts, 'of')),
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
