import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { BreachedAccess } from '#gen/rangkiang/audit/v1/subject.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { accessLines, agencyNotice, residentLines, residentNotice, summaryOf } from '../../../../cli/breach/pack.ts';
import { openWith, sealFor } from '../../../../cli/breach/sealed-list.ts';
import { createCaCredential, createLeafCredential, validForDays } from '../../../../cli/ca/certificate.ts';

const NIKS = ['1371010101010001', '1371010101010002'];
const access = (index: bigint, niks: string[], elements: Element[]) =>
  BreachedAccess.fromPartial({
    ...{ index, niks, elements, time: new Date('2026-11-20T02:00:00Z'), permit: 'p-1', purpose: 1 },
    ...{ opd: 'DKK', unit: 'PKM-PAUH', system: 'simpus', method: '/rangkiang.resident.v1.ResidentService/GetResident' },
  });
const breach = {
  operator: 'ab'.repeat(16),
  from: new Date('2026-11-19T17:00:00Z'),
  below: new Date('2026-11-21T17:00:00Z'),
  known: new Date('2026-11-24T03:00:00Z'),
  accesses: [access(9n, NIKS, [Element.NIK]), access(4n, [NIKS[0] as string], [Element.NIK, Element.NAMA_LENGKAP])],
  numbers: new Map([['p-1', '470/001/IZIN-DATA/2026']]),
};

describe('breach pack', () => {
  it('tells what article 46 asks for, and when it is due', () => {
    const summary = summaryOf(breach);
    assert.equal(summary.noticesDue, '2026-11-27 10:00 WIB');
    assert.deepEqual([summary.answers, summary.residents, summary.units], [2, 2, ['DKK/PKM-PAUH']]);
    assert.deepEqual(summary.elements, ['NIK', 'NAMA_LENGKAP']);
    assert.deepEqual(summary.permits, [{ id: 'p-1', number: '470/001/IZIN-DATA/2026' }]);
    assert.match(agencyNotice(breach), /2026-11-27 10:00 WIB[\s\S]*: 2, [\s\S]*470\/001\/IZIN-DATA/);
    assert.match(residentNotice(breach), /Pasal 46[\s\S]*NIK, Nama lengkap/);
  });

  it('names residents in the list to be sealed and nowhere else', () => {
    const lines = residentLines(breach)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.map(({ nik, shown }) => [nik, shown.length]),
      [
        [NIKS[0], 2],
        [NIKS[1], 1],
      ],
    );
    const others = [
      accessLines(breach),
      JSON.stringify(summaryOf(breach)),
      agencyNotice(breach),
      residentNotice(breach),
    ];
    for (const text of others) for (const nik of NIKS) assert.equal(text.includes(nik), false);
  });

  it('seals the list for the holder of one key', async () => {
    const ca = await createCaCredential('ca', validForDays(1));
    const credential = () =>
      createLeafCredential(ca, { commonName: 'x', uris: [], hosts: [], validity: validForDays(1) });
    const [recipient, other] = [await credential(), await credential()];
    const sealed = await sealFor(recipient.certPem, Buffer.from(residentLines(breach)));
    assert.equal(sealed.includes(NIKS[0] as string), false);
    assert.equal((await openWith(recipient.keyPem, sealed)).toString(), residentLines(breach));
    await assert.rejects(openWith(other.keyPem, sealed), /not sealed for this key/);
  });
});
