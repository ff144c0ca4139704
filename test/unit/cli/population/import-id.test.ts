import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { cityImportId, fileImportId } from '../../../../cli/population/import-id.ts';
import { validate } from '../../../../mesh/contract.ts';
import { ImportResidentsRequest } from '../../../../proto/gen/rangkiang/resident/v1/registry.ts';

describe('import ids', () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'import-id-'));
  });
  after(() => rm(directory, { recursive: true }));

  async function idOf(content: string) {
    const file = join(directory, 'rows.jsonl');
    await writeFile(file, content);
    return fileImportId(file);
  }

  it('are the same for the same city and others for another', () => {
    assert.equal(cityImportId(1, 20_000), cityImportId(1, 20_000));
    const ids = [cityImportId(1, 20_000), cityImportId(2, 20_000), cityImportId(1, 20_001), cityImportId(12, 0)];
    assert.equal(new Set(ids).size, ids.length);
  });

  it('are UUIDs as the contract wants them', () => {
    const importId = cityImportId(1, 20_000);
    assert.match(importId, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const request = { importId, chunkNumber: 0n, rows: [{ line: 1n, resident: undefined, status: 1 as const }] };
    validate(
      'rangkiang.resident.v1.ImportResidentsRequest',
      ImportResidentsRequest.encode(ImportResidentsRequest.create(request)).finish(),
    );
  });

  it('of files go by their content, and come with the number of lines', async () => {
    const { importId, lines } = await idOf('{}\n{}\n');
    assert.equal(lines, 2);
    assert.deepEqual(await idOf('{}\n{}'), { importId: (await idOf('{}\n{}')).importId, lines: 2 });
    assert.notEqual((await idOf('{}\n{}\n{}\n')).importId, importId);
    assert.equal((await idOf('{}\n{}\n')).importId, importId);
    assert.equal((await idOf('')).lines, 0);
  });
});
