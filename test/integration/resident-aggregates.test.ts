import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import { BasicStatus } from '#gen/rangkiang/resident/v1/registry.ts';
import { Dimension } from '#gen/rangkiang/resident/v1/resident.ts';
import { ResidentServiceService as service } from '#gen/rangkiang/resident/v1/resident_service.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { importRow, resident } from '../support/resident-rows.ts';
import { type ResidentService, startResidentService, wideGrant } from '../support/resident-service.ts';

const { AGAMA, CACAT, JENIS_KELAMIN, KECAMATAN, KELOMPOK_UMUR, KELURAHAN, PENDIDIKAN_TERAKHIR } = Dimension;

describe('resident: counts under a grant', () => {
  let running: ResidentService;

  before(async () => {
    running = await startResidentService();
    let number = 0;
    const people = (
      count: number,
      kelurahan: string,
      changes: Parameters<typeof resident>[1] = {},
      status?: BasicStatus,
    ) =>
      Array.from({ length: count }, () => {
        number += 1;
        const alamatSekarang = { jalan: '', rt: '', rw: '', kelurahan, namaKelurahan: '' };
        const person = resident(number, { agama: 1, pendidikanTerakhir: 5, alamatSekarang, ...changes });
        return importRow({ resident: person, status: status ?? BasicStatus.HIDUP });
      });
    const answer = await running.enter([
      ...people(12, '13.71.01.1001'),
      ...people(7, '13.71.01.1002', { jenisKelamin: 2 }),
      ...people(2, '13.71.01.1002', { agama: 3 }),
      ...people(6, '13.71.01.1001', { agama: 3 }),
      ...people(9, '13.71.09.1001', { pendidikanTerakhir: undefined, tanggalLahir: { year: 2021, month: 3, day: 1 } }),
      ...people(8, '13.71.09.1002', { tanggalLahir: { year: 2021, month: 3, day: 2 } }),
      ...people(5, '13.71.09.1002', { tanggalLahir: { year: 2026, month: 0, day: 0 } }),
      ...people(5, '13.71.09.1001', { tanggalLahir: { year: 0, month: 0, day: 0 } }),
      ...people(40, '13.71.09.1001', {}, BasicStatus.MATI),
      ...people(40, '13.71.09.1001', {}, BasicStatus.PINDAH),
    ]);
    assert.deepEqual(answer.errors, []);
  });
  after(() => running.stop());

  async function count(groupBy: Dimension[], regions: string[] = [], grant: Partial<Grant> = {}) {
    const call = await running.call(
      service.aggregateResidents,
      { groupBy, regions },
      { ...wideGrant, minimumCell: 1, ...grant },
    );
    const cells = call.answer.cells.map(({ values, count: residents, suppressed }) => [
      ...values,
      suppressed ? 'x' : Number(residents),
    ]);
    return { ...call, cells };
  }

  it('counts the living by region, in all granted regions or those that are asked', async () => {
    assert.deepEqual((await count([KECAMATAN])).cells, [
      ['13.71.01', 27],
      ['13.71.09', 27],
    ]);
    assert.deepEqual((await count([KELURAHAN], ['13.71.09'])).cells, [
      ['13.71.09.1001', 14],
      ['13.71.09.1002', 13],
    ]);
    assert.deepEqual((await count([KECAMATAN], ['13.71.01', '13.71.01.1001', '13.71.01.1002'])).cells, [
      ['13.71.01', 27],
    ]);
    assert.deepEqual((await count([KECAMATAN], [], { regions: ['13.71.01.1002'] })).cells, [['13.71.01', 9]]);
    assert.deepEqual((await count([KECAMATAN], ['13.71.05'])).cells, []);
  });

  it('counts by up to three dimensions, children too, and tells what is not on record apart', async () => {
    assert.deepEqual((await count([PENDIDIKAN_TERAKHIR, JENIS_KELAMIN], ['13.71.09'], { children: false })).cells, [
      ['', '1', 9],
      ['5', '1', 18],
    ]);
    assert.deepEqual((await count([KECAMATAN, KELURAHAN, AGAMA], ['13.71.01'])).cells, [
      ['13.71.01', '13.71.01.1001', '1', 12],
      ['13.71.01', '13.71.01.1001', '3', 6],
      ['13.71.01', '13.71.01.1002', '1', 7],
      ['13.71.01', '13.71.01.1002', '3', 2],
    ]);
  });

  it('tells ages on the day of the call: a fifth birthday is the first day of the next group', async () => {
    assert.deepEqual((await count([KELOMPOK_UMUR], ['13.71.09'])).cells, [
      ['', 5],
      ['0-4', 13],
      ['5-9', 9],
    ]);
  });

  it('hides small counts and what would tell them', async () => {
    const { cells, answer } = await count([KELURAHAN, AGAMA], ['13.71.01'], { minimumCell: 5 });
    assert.equal(answer.minimumCell, 5);
    assert.deepEqual(
      cells.map((cell) => cell.at(-1)),
      ['x', 'x', 'x', 'x'],
    );
    assert.ok(answer.cells.every(({ count: residents }) => residents === 0n));
  });

  it('shows no count at all when the grant names no smallest one', async () => {
    const { cells } = await count([KECAMATAN], [], { minimumCell: 0 });
    assert.deepEqual(
      cells.map((cell) => cell.at(-1)),
      ['x', 'x'],
    );
  });

  it('counts by granted elements only, by disability only with its flag, and in granted regions only', async () => {
    const refused = (reason: string) => ({ reason });
    await assert.rejects(count([KECAMATAN, AGAMA], [], { elements: [Element.NIK] }), refused('ELEMENT_NOT_GRANTED'));
    await assert.rejects(count([CACAT], [], { disability: false }), refused('ELEMENT_NOT_GRANTED'));
    await assert.rejects(count([KELOMPOK_UMUR], [], { elements: [Element.AGAMA] }), refused('ELEMENT_NOT_GRANTED'));
    await assert.rejects(count([AGAMA], ['13.71'], { regions: ['13.71.01'] }), refused('REGION_NOT_GRANTED'));
    await assert.rejects(
      count([AGAMA], ['13.71.01', '13.71.09'], { regions: ['13.71.01'] }),
      refused('REGION_NOT_GRANTED'),
    );
    await assert.rejects(count([AGAMA], [], { regions: [] }), refused('REGION_NOT_GRANTED'));
    await count([KECAMATAN], [], { elements: [] });
  });

  it('records the elements and the cells, and no subject', async () => {
    const { auditIndex } = await count([AGAMA, KECAMATAN]);
    const leaf = running.log.leaves[Number(auditIndex)];
    assert.deepEqual(
      [leaf?.kind, leaf?.elements, leaf?.rows, leaf?.subjectCount],
      [Kind.DISCLOSED, [Element.AGAMA], 3, 0],
    );
  });
});
