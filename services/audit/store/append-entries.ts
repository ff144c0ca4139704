import type { Pipeline } from '#mesh/sql.ts';
import { EntryRefused } from '../domain/check-entry.ts';
import type { EntryRow, Placed } from '../domain/log-writer.ts';
import { binaryArray, pgTypes } from './binary-array.ts';

const statement = {
  name: 'append-entries',
  text: 'select append_entries($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) as indexes',
};

/**
 * Commits rows in one round trip and one transaction, durably. Resolves with the index of each, in order, and null for a row
 * whose event id belongs to an entry with another leaf. Rows must have different event ids. Rejects with EntryRefused when
 * Postgres refuses a value; after any other error it is unknown whether the rows are committed: call again.
 */
export async function appendEntries(pipeline: Pipeline, rows: readonly EntryRow[]): Promise<Placed[]> {
  const { bytea, uuid, text, int4, int8 } = pgTypes;
  const column = <K extends keyof EntryRow>(name: K) => rows.map((row) => row[name]);
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
    binaryArray(int4, column('keyId')),
    binaryArray(bytea, column('sealed')),
    binaryArray(bytea, column('subjectTags').flat()),
    binaryArray(
      int4,
      rows.flatMap((row, at) => row.subjectTags.map(() => at + 1)),
    ),
  ];
  try {
    const [answer] = await pipeline.query<{ indexes: string[] }>(statement, values);
    return (answer?.indexes ?? []).map((index) => (index === '-1' ? null : BigInt(index)));
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
