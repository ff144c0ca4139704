import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Metadata } from '@grpc/grpc-js';
import { after, before, describe, it } from 'mocha';
import { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import type { ImportRow, ImportRowError } from '#gen/rangkiang/resident/v1/registry.ts';
import { RegistryServiceService as registry } from '#gen/rangkiang/resident/v1/registry_service.ts';
import { meshErrorOf } from '#mesh/client.ts';
import { importPopulation } from '../../cli/population/import.ts';
import { cityImportId } from '../../cli/population/import-id.ts';
import { population } from '../../cli/population/population.ts';
import { type ResidentService, registryGrant, startResidentService } from '../support/resident-service.ts';

const RESIDENTS = 2_300;
const importId = cityImportId(1, RESIDENTS);

describe('importing a synthetic city into the register', () => {
  let service: ResidentService;
  before(async () => {
    service = await startResidentService();
  });
  after(() => service.stop());

  const open = () => {
    const metadata = new Metadata();
    const grant = Grant.create({ ...registryGrant, callId: randomBytes(16) });
    metadata.set('rangkiang-grant-bin', Buffer.from(Grant.encode(grant).finish()));
    return service.channel.duplex(registry.importResidents, { metadata });
  };
  const statistics = async () => (await service.call(registry.getRegistryStatistics, {}, registryGrant)).answer;

  it('is accepted row for row: the register finds no fault in anybody', async () => {
    const errors: ImportRowError[] = [];
    const result = await importPopulation(population(1, RESIDENTS), open, {
      importId,
      onRejected: (error) => errors.push(error),
    });
    assert.deepEqual(errors, []);
    assert.deepEqual(result, { rows: RESIDENTS, accepted: RESIDENTS, rejected: 0, skipped: 0 });
    const { residents, living, households } = await statistics();
    assert.equal(residents, BigInt(RESIDENTS));
    assert.ok(living > RESIDENTS * 0.9 && living < RESIDENTS);
    assert.ok(households > RESIDENTS / 5 && households < RESIDENTS / 2);
  });

  it('changes nothing when it is repeated, and sends one chunk only', async () => {
    const result = await importPopulation(population(1, RESIDENTS), open, { importId });
    assert.deepEqual(result, { rows: RESIDENTS, accepted: 500, rejected: 0, skipped: RESIDENTS - 500 });
    assert.equal((await statistics()).residents, BigInt(RESIDENTS));
  });

  it('is told which rows are bad, by line and field, and brings in the others', async () => {
    const rows = [...population(2, 700)];
    const spoil = (line: number, resident: Partial<ImportRow['resident']>) => {
      const row = rows[line - 1] as ImportRow;
      rows[line - 1] = { ...row, resident: { ...row.resident, ...resident } as ImportRow['resident'] };
    };
    spoil(17, { agama: 99 });
    spoil(600, { nik: '1371' });
    const errors: ImportRowError[] = [];
    const result = await importPopulation(rows, open, {
      importId: cityImportId(2, 700),
      onRejected: (error) => errors.push(error),
    });
    assert.deepEqual(result, { rows: 700, accepted: 698, rejected: 2, skipped: 0 });
    assert.deepEqual(
      errors.map(({ line, field }) => [line, field]),
      [
        [17n, 'resident.agama'],
        [600n, 'resident.nik'],
      ],
    );
  });

  it('is refused when other rows come under its id', async () => {
    await assert.rejects(importPopulation(population(3, 100), open, { importId }), (error) => {
      assert.equal(meshErrorOf(error as Parameters<typeof meshErrorOf>[0]).reason, 'IMPORT_CONFLICT');
      return true;
    });
  });
});
