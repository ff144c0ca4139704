import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { jsonLineOf } from '../../cli/population/json-lines.ts';
import { population } from '../../cli/population/population.ts';
import type { ImportRow } from '../../proto/gen/rangkiang/resident/v1/registry.ts';
import { startMesh, type TestMesh } from '../support/mesh.ts';

const RESIDENTS = 1_700;

describe('rangkiang population import', function () {
  this.timeout(240_000);
  let mesh: TestMesh;
  before(async () => {
    mesh = await startMesh({ residents: 500 });
    record(population(1, 500));
  });
  after(() => mesh.stop());

  // Cities of two seeds may give a NIK to two people; the later row replaces the earlier, as in any import.
  const onRecord = new Set<string | undefined>();
  const record = (rows: Iterable<ImportRow>) => {
    for (const { resident } of rows) onRecord.add(resident?.nik);
  };
  const importing = (...words: string[]) => mesh.cli('population', 'import', ...words);
  const residents = async () => {
    const { message } = await mesh.call(
      'DISDUKCAPIL',
      'GetRegistryStatistics',
      {},
      { purpose: 'ADMINISTRASI_KEPENDUDUKAN' },
    );
    return Number(message.residents);
  };

  it('brings in what is good of a file, and names what is not by line and field', async () => {
    const rows = [...population(77, RESIDENTS)];
    record(rows.filter((_, index) => index !== 2 && index !== 1_234));
    const lines = rows.map(jsonLineOf);
    lines[2] = 'not a row\n';
    lines[1_234] = (lines[1_234] as string).replace(/"agama":\d/, '"agama":12');
    const file = join(mesh.stateDir, 'residents.jsonl');
    await writeFile(file, lines.join(''));
    const { code, stdout, stderr } = await importing(file);
    assert.equal(
      stdout,
      '3\tjson\tbukan ImportRow dalam ProtoJSON\n1235\tresident.agama\ttidak ada dalam daftar kode\n',
    );
    assert.match(stderr, /1698 baris masuk, 2 ditolak, 0 sudah dikirim/);
    assert.equal(code, 1);
    assert.equal(await residents(), onRecord.size);

    const again = await importing(file, '--lang', 'en', '--broker', '2');
    assert.match(again.stderr, /500 rows imported, 1 rejected, 1199 sent by an earlier run/);
    assert.equal(await residents(), onRecord.size);
  });

  it('goes on when it is repeated after the register was away', async () => {
    record(population(78, RESIDENTS));
    const city = ['--seed', '78', '--residents', `${RESIDENTS}`, '--json'];
    await mesh.order('stop', 'resident');
    const [outcome] = await Promise.all([importing(...city), mesh.order('start', 'resident')]);
    assert.equal(outcome.code, 0, outcome.stdout + outcome.stderr);
    const { importId, accepted } = JSON.parse(outcome.stdout);
    assert.equal(accepted, RESIDENTS);
    assert.equal(await residents(), onRecord.size);

    const again = JSON.parse((await importing(...city)).stdout);
    assert.deepEqual(again, { importId, rows: RESIDENTS, accepted: 500, rejected: 0, skipped: RESIDENTS - 500 });
  });

  it('says what is wrong with the command line', async () => {
    const file = join(mesh.stateDir, 'none.jsonl');
    const both = await importing(file, '--seed', '1');
    assert.equal(both.code, 2);
    assert.match(both.stderr, /--seed/);
    const missing = await importing(file);
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /none\.jsonl tidak terbaca \(ENOENT\)/);
  });
});
