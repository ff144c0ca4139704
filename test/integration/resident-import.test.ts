import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'mocha';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { BasicStatus, type ImportResidentsRequest, ImportRow } from '#gen/rangkiang/resident/v1/registry.ts';
import { RegistryServiceService as registry } from '#gen/rangkiang/resident/v1/registry_service.ts';
import { ResidentServiceService as service } from '#gen/rangkiang/resident/v1/resident_service.ts';
import { meshErrorOf } from '#mesh/client.ts';
import type { Reason } from '#mesh/errors.ts';
import { importRow, resident } from '../support/resident-rows.ts';
import { type ResidentService, registryGrant, startResidentService, wideGrant } from '../support/resident-service.ts';

describe('resident: imports', () => {
  let running: ResidentService;
  let importId: string;

  before(async () => {
    running = await startResidentService();
  });
  after(() => running.stop());
  beforeEach(() => {
    importId = randomUUID();
  });

  /** A chunk of `size` residents whose numbers begin at `first`. */
  function chunk(number: number, first: number, size = 2): ImportResidentsRequest {
    const rows = Array.from({ length: size }, (_, i) =>
      importRow({ line: BigInt(first + i), resident: resident(first + i) }),
    );
    return { importId, chunkNumber: BigInt(number), rows };
  }

  async function refusal(sending: Promise<unknown>): Promise<Reason> {
    try {
      await sending;
    } catch (error) {
      return meshErrorOf(error as Parameters<typeof meshErrorOf>[0]).reason;
    }
    throw new Error('the stream was answered to its end');
  }

  async function count(): Promise<bigint> {
    return (await running.call(registry.getRegistryStatistics, {}, registryGrant)).answer.residents;
  }

  it('answers each chunk in order with its record', async () => {
    const chunks = Array.from({ length: 12 }, (_, i) => chunk(i, 100 + i * 10, 10));
    const answers = await running.sendChunks(chunks);
    assert.deepEqual(
      answers.map(({ chunkNumber, accepted, nextChunkNumber }) => [chunkNumber, accepted, nextChunkNumber]),
      chunks.map(({ chunkNumber }) => [chunkNumber, 10, chunkNumber + 1n]),
    );
    for (const { auditIndex } of answers) {
      const leaf = running.log.leaves[Number(auditIndex)];
      assert.deepEqual(
        [leaf?.kind, leaf?.count, leaf?.rows, leaf?.subjectCount, leaf?.opd, leaf?.writer, leaf?.method],
        [Kind.REGISTER, 10, 0, 0, 'DISDUKCAPIL', 'resident', registry.importResidents.path],
      );
    }
    assert.equal(new Set(answers.map(({ auditIndex }) => auditIndex)).size, 12);
  });

  it('answers a chunk that comes again as before, and imports it once', async () => {
    const faulty = {
      ...chunk(0, 300),
      rows: [...chunk(0, 300).rows, importRow({ line: 9n, resident: resident(302, { agama: 8 }) })],
    };
    const [first] = await running.sendChunks([faulty, chunk(1, 310)]);
    const records = running.log.leaves.length;
    const [again] = await running.sendChunks([faulty]);
    assert.deepEqual(again, { ...first, nextChunkNumber: 2n });
    assert.equal(again?.errors.length, 1);
    assert.equal(running.log.leaves.length, records);
  });

  it('refuses a gap, and other rows under a number that was used', async () => {
    assert.equal(await refusal(running.sendChunks([chunk(1, 400)])), 'IMPORT_CONFLICT');
    await running.sendChunks([chunk(0, 400)]);
    assert.equal(await refusal(running.sendChunks([chunk(0, 410)])), 'IMPORT_CONFLICT');
    assert.equal(await refusal(running.sendChunks([chunk(2, 420)])), 'IMPORT_CONFLICT');
    await running.sendChunks([chunk(1, 420)]);
  });

  it('keeps what was accepted before a refused chunk', async () => {
    const before = await count();
    assert.equal(await refusal(running.sendChunks([chunk(0, 500), chunk(1, 510), chunk(3, 520)])), 'IMPORT_CONFLICT');
    assert.equal(await count(), before + 4n);
  });

  it('takes two streams of one import one after the other', async () => {
    const chunks = Array.from({ length: 8 }, (_, i) => chunk(i, 600 + i * 10));
    const streams = await Promise.all([running.sendChunks(chunks), running.sendChunks(chunks)]);
    const indexes = streams.map((answers) => answers.map(({ auditIndex }) => auditIndex));
    assert.deepEqual(indexes[0], indexes[1]);
  });

  it('tells every faulty row by line and field, without its value, and imports the rest', async () => {
    const nik = '1371019999999999';
    const answer = await running.enter([
      importRow({ resident: resident(700) }),
      importRow({ resident: resident(701, { nik }) }),
      importRow({ resident: resident(702, { alamatSekarang: undefined }) }),
      importRow({ resident: resident(703), status: BasicStatus.UNSPECIFIED }),
      ImportRow.create({ line: 5n }),
    ]);
    assert.equal(answer.accepted, 1);
    assert.deepEqual(
      answer.errors.map(({ line, field }) => [line, field]),
      [
        [2n, 'resident.nik'],
        [3n, 'resident.alamat_sekarang'],
        [4n, 'status'],
        [5n, 'resident'],
      ],
    );
    assert.ok(!JSON.stringify(answer.errors.map(({ message }) => message)).includes(nik));
  });

  it('replaces a resident who is on record, as a whole, and lets the later of two rows win', async () => {
    const nik = resident(800).nik ?? '';
    await running.enter([importRow({ resident: resident(800, { agama: 1, namaIbu: 'IBU' }) })]);
    const answer = await running.enter([
      importRow({ resident: resident(800, { namaLengkap: 'PERTAMA' }) }),
      importRow({ resident: resident(800, { namaLengkap: 'KEDUA' }) }),
    ]);
    assert.equal(answer.accepted, 2);
    const { answer: read } = await running.call(service.getResident, { nik, elements: [] });
    assert.deepEqual(
      [read.resident?.namaLengkap, read.resident?.agama, read.resident?.namaIbu],
      ['KEDUA', undefined, undefined],
    );
  });

  it('accepts a NIK that disagrees with birth date and sex', async () => {
    const odd = resident(810, {
      nik: '3273014107990001',
      jenisKelamin: 1,
      tanggalLahir: { year: 1950, month: 0, day: 0 },
    });
    assert.deepEqual((await running.enter([importRow({ resident: odd })])).errors, []);
  });

  it('commits but does not answer while no record can be made, and answers when it comes again', async () => {
    const before = await count();
    running.log.away = true;
    assert.equal(await refusal(running.sendChunks([chunk(0, 900)])), 'AUDIT_UNAVAILABLE');
    running.log.away = false;
    const [answer] = await running.sendChunks([chunk(0, 900)]);
    assert.equal(running.log.leaves[Number(answer?.auditIndex)]?.count, 2);
    assert.equal(await count(), before + 2n);
  });

  it('serves nobody but the keeper of the register', async () => {
    assert.equal(await refusal(running.sendChunks([chunk(0, 950)], wideGrant)), 'CALLER_NOT_ALLOWED');
    await assert.rejects(running.call(registry.getRegistryStatistics, {}), { reason: 'CALLER_NOT_ALLOWED' });
  });

  it('counts residents, the living and their households, and tells the last import', async () => {
    const { answer } = await running.call(registry.getRegistryStatistics, {}, registryGrant);
    await running.enter([
      importRow({ resident: resident(960, { nomorKk: '1371010101000001' }) }),
      importRow({ resident: resident(961, { nomorKk: '1371010101000001' }) }),
      importRow({ resident: resident(962, { nomorKk: '1371010101000002' }), status: BasicStatus.MATI }),
    ]);
    const { answer: then } = await running.call(registry.getRegistryStatistics, {}, registryGrant);
    assert.deepEqual(
      [then.residents - answer.residents, then.living - answer.living, then.households - answer.households],
      [3n, 2n, 1n],
    );
    assert.ok((then.lastImportTime ?? 0) > (answer.lastImportTime ?? 0));
  });
});
