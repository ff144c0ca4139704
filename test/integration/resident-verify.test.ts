import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import { Match, Resident } from '#gen/rangkiang/resident/v1/resident.ts';
import { ResidentServiceService as service } from '#gen/rangkiang/resident/v1/resident_service.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { importRow, resident } from '../support/resident-rows.ts';
import { type ResidentService, startResidentService, wideGrant } from '../support/resident-service.ts';

const person = resident(1, { namaLengkap: 'MUHAMMAD RIZKI', agama: 1, namaIbu: undefined });
const child = resident(2, { tanggalLahir: { year: 2015, month: 1, day: 1 } });

describe('resident: verification under a grant', () => {
  let running: ResidentService;

  before(async () => {
    running = await startResidentService();
    await running.enter([importRow({ resident: person }), importRow({ resident: child })]);
  });
  after(() => running.stop());

  function verify(claims: Partial<Resident>, grant: Partial<Grant> = {}, nik = person.nik ?? '') {
    return running.call(service.verifyResident, { nik, claims: Resident.create(claims) }, { ...wideGrant, ...grant });
  }

  it('tells of each claim whether it fits, and of a name how nearly', async () => {
    const { answer } = await verify({ agama: 1, namaLengkap: 'M. RISKI', jenisKelamin: 2, namaIbu: 'SITI' });
    assert.deepEqual(answer.matches, [
      { element: Element.NAMA_LENGKAP, match: Match.SESUAI, similarity: 0.9 },
      { element: Element.JENIS_KELAMIN, match: Match.TIDAK_SESUAI, similarity: 0 },
      { element: Element.AGAMA, match: Match.SESUAI, similarity: 1 },
      { element: Element.NAMA_IBU, match: Match.TIDAK_ADA, similarity: 0 },
    ]);
  });

  it('compares granted elements only, and demands a claim', async () => {
    const grant = { elements: [Element.AGAMA, Element.CACAT], disability: false };
    await verify({ agama: 2 }, grant);
    for (const claims of [{ agama: 1, namaLengkap: 'A' }, { nik: person.nik }, { cacat: 7 }]) {
      await assert.rejects(verify(claims, grant), { reason: 'ELEMENT_NOT_GRANTED' });
    }
    await assert.rejects(verify({}), { reason: 'REQUEST_INVALID' });
    await assert.rejects(verify({ agama: 1 }, { rowCap: 0 }), { reason: 'ROW_CAP_EXCEEDED' });
  });

  it('tells the broker of a claim that was wrong, not of one that the register cannot answer', async () => {
    assert.equal((await verify({ agama: 2, shdk: 1 })).wrongGuess, true);
    assert.equal((await verify({ agama: 1, namaIbu: 'SITI' })).wrongGuess, false);
  });

  it('finds nobody outside the scope', async () => {
    await assert.rejects(verify({ agama: 1 }, { regions: ['13.71.02'] }), { reason: 'RESIDENT_NOT_FOUND' });
    await assert.rejects(verify({ agama: 1 }, { children: false }, child.nik), { reason: 'RESIDENT_NOT_FOUND' });
    await assert.rejects(verify({ agama: 1 }, {}, '1371011708999999'), { reason: 'RESIDENT_NOT_FOUND' });
    assert.equal(running.log.leaves.at(-1)?.kind, Kind.EMPTY);
  });

  it('records the compared elements and whose they were', async () => {
    const { auditIndex } = await verify({ agama: 1, shdk: 2 });
    const leaf = running.log.leaves[Number(auditIndex)];
    assert.deepEqual(
      [leaf?.kind, leaf?.elements, leaf?.rows, leaf?.subjectCount],
      [Kind.DISCLOSED, [Element.AGAMA, Element.SHDK], 1, 1],
    );
  });
});
