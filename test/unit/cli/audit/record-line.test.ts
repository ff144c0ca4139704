import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { recordJson, recordLine } from '../../../../cli/audit/record-line.ts';
import { Record } from '../../../../proto/gen/rangkiang/audit/v1/audit.ts';
import { Kind } from '../../../../proto/gen/rangkiang/audit/v1/leaf.ts';
import { Element } from '../../../../proto/gen/rangkiang/type/v1/element.ts';
import { Purpose } from '../../../../proto/gen/rangkiang/type/v1/purpose.ts';

const denied = Record.fromPartial({
  index: 12n,
  leaf: {
    timeUs: BigInt(Date.UTC(2026, 0, 31, 17, 5, 9)) * 1000n,
    kind: Kind.DENIED,
    opd: 'DINSOS',
    unit: 'PUSAT',
    system: 'layanan',
    method: '/rangkiang.resident.v1.ResidentService/GetResident',
    purpose: Purpose.PELAYANAN_PUBLIK,
    reason: 'NO_PERMIT',
  },
});
const disclosed = Record.fromPartial({
  index: 13n,
  leaf: { ...denied.leaf, kind: Kind.DISCLOSED, reason: '', rows: 1, elements: [Element.NIK, Element.AGAMA] },
});

describe('record line', () => {
  it('tells when in Padang, what happened, who asked, and why not', () => {
    const line = recordLine(denied, 'id');
    assert.match(line, /^ +12 {2}2026-02-01 00:05:09 WIB {2}DENIED/);
    assert.match(line, /DINSOS\/PUSAT\/layanan {2}GetResident {2}PELAYANAN_PUBLIK {2}alasan NO_PERMIT$/);
  });

  it('tells what left', () => {
    assert.match(recordLine(disclosed, 'en'), /elements NIK,AGAMA {2}rows 1$/);
  });

  it('is the record as the contract writes it for programs', () => {
    const { index, leaf } = JSON.parse(recordJson(denied));
    assert.equal(index, '12');
    assert.equal(leaf.kind, 'KIND_DENIED');
  });
});
