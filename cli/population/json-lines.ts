import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseJson } from '../../mesh/contract.ts';
import { MeshError } from '../../mesh/errors.ts';
import { ImportRow } from '../../proto/gen/rangkiang/resident/v1/registry.ts';

/** One row as one line of ProtoJSON, with its line feed. */
export function jsonLineOf(row: ImportRow): string {
  return `${JSON.stringify(ImportRow.toJSON(row))}\n`;
}

/**
 * The rows of a JSON Lines file, one at a time, read strictly: an unknown field or a value of the wrong type makes a bad
 * line, which `onBadLine` is told of and which yields no row. A row's `line` becomes its line in the file. Empty lines are
 * passed over.
 */
export async function* rowsOfFile(file: string, onBadLine: (line: bigint) => void): AsyncGenerator<ImportRow> {
  let line = 0n;
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1n;
    if (text.trim() === '') continue;
    let row: ImportRow;
    try {
      row = ImportRow.decode(parseJson('rangkiang.resident.v1.ImportRow', text));
    } catch (error) {
      if (!(error instanceof MeshError)) throw error;
      onBadLine(line);
      continue;
    }
    yield { ...row, line };
  }
}
