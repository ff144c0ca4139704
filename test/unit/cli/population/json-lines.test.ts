import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { jsonLineOf, rowsOfFile } from '../../../../cli/population/json-lines.ts';
import { population } from '../../../../cli/population/population.ts';
import { ImportRow } from '../../../../proto/gen/rangkiang/resident/v1/registry.ts';

describe('JSON Lines', () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'json-lines-'));
  });
  after(() => rm(directory, { recursive: true }));

  async function read(content: string): Promise<{ rows: ImportRow[]; badLines: bigint[] }> {
    const file = join(directory, 'rows.jsonl');
    await writeFile(file, content);
    const badLines: bigint[] = [];
    const rows: ImportRow[] = [];
    for await (const row of rowsOfFile(file, (line) => badLines.push(line))) rows.push(row);
    return { rows, badLines };
  }

  it('give back what was written, byte for byte', async () => {
    const written = [...population(4, 400)];
    const { rows, badLines } = await read(written.map(jsonLineOf).join(''));
    assert.deepEqual(badLines, []);
    assert.deepEqual(
      rows.map((row) => Buffer.from(ImportRow.encode(row).finish()).toString('hex')),
      written.map((row) => Buffer.from(ImportRow.encode(row).finish()).toString('hex')),
    );
  });

  it('pass over what is no row, and tell its line', async () => {
    const [row] = population(4, 1);
    const good = jsonLineOf(row as ImportRow);
    const content = [
      good,
      'no JSON\n',
      '\n',
      good.replace('"nik"', '"nikk"'),
      good.replace('BASIC_STATUS_HIDUP', 'BASIC_STATUS_TIDUR'),
      good.replace(/"agama":\d/, '"agama":"ISLAM"'),
      '[]\r\n',
      good.trimEnd(),
    ].join('');
    const { rows, badLines } = await read(content);
    assert.deepEqual(badLines, [2n, 4n, 5n, 6n, 7n]);
    assert.deepEqual(
      rows.map(({ line }) => line),
      [1n, 8n],
      'rows carry their line in the file',
    );
  });
});
