import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { BasicStatus } from '#gen/rangkiang/resident/v1/registry.ts';
import { checkChunk } from '../../../../../services/resident/domain/import-chunk.ts';
import { Regions } from '../../../../../services/resident/domain/regions.ts';
import { importRow, resident, TEST_DAY } from '../../../../support/resident-rows.ts';

const csv = readFileSync(new URL('../../../../../data/regions_kota_padang.csv', import.meta.url), 'utf8');
const setting = { regions: Regions.parse(csv), today: TEST_DAY };
const chunk = { importId: '0b1c2d3e-0000-4000-8000-000000000001', chunkNumber: 3n };

describe('resident: a chunk of an import', () => {
  it('keeps the rows without fault in order of NIK, the later of two with one NIK', () => {
    const rows = [
      importRow({ line: 1n, resident: resident(2, { namaLengkap: 'PERTAMA' }) }),
      importRow({ line: 2n, resident: resident(1), status: BasicStatus.MATI }),
      importRow({ line: 3n, resident: resident(2, { namaLengkap: 'KEDUA' }) }),
    ];
    const checked = checkChunk({ ...chunk, rows }, setting, 'id');
    assert.deepEqual(
      checked.residents.map(({ resident: person, status }) => [person.namaLengkap, status]),
      [
        ['WARGA 1', BasicStatus.MATI],
        ['KEDUA', BasicStatus.HIDUP],
      ],
    );
    assert.equal(checked.acceptedRows, 3);
  });

  it('tells the others by line and field, in the language of the caller', () => {
    const rows = [importRow({ line: 7n, resident: resident(1, { agama: 9 }) })];
    const told = (['id', 'en'] as const).map((locale) => checkChunk({ ...chunk, rows }, setting, locale).errors);
    assert.deepEqual(told, [
      [{ line: 7n, field: 'resident.agama', message: 'tidak ada dalam daftar kode' }],
      [{ line: 7n, field: 'resident.agama', message: 'is not in the list of codes' }],
    ]);
  });

  it('has a digest of its content', () => {
    const rows = [importRow({ resident: resident(1) })];
    const { digest } = checkChunk({ ...chunk, rows }, setting, 'id');
    assert.equal(digest.length, 32);
    assert.deepEqual(checkChunk({ ...chunk, rows: structuredClone(rows) }, setting, 'en').digest, digest);
    const others = [importRow({ resident: resident(1, { agama: 1 }) })];
    assert.notDeepEqual(checkChunk({ ...chunk, rows: others }, setting, 'id').digest, digest);
  });
});
