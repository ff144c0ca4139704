import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import {
  AggregateResidentsResponse,
  GetFamilyResponse,
  GetResidentResponse,
  Resident,
  VerifyResidentResponse,
} from '#gen/rangkiang/resident/v1/resident.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { methods, registry } from '#mesh/contract.ts';
import { checkedAnswers, isWithin, limitsOf } from '../../../broker/answer-check.ts';

const termsOf = (changes: Partial<Grant> = {}): Buffer =>
  Buffer.from(
    Grant.encode(
      Grant.fromPartial({ elements: [Element.NIK, Element.NAMA_LENGKAP], minimumCell: 5, ...changes }),
    ).finish(),
  );
const limits = limitsOf(termsOf());
const granted: Partial<Resident> = { nik: '1371010101900001', namaLengkap: 'WARGA' };

function isResidentWithin(resident: Partial<Resident>, given = limits): boolean {
  const body = GetResidentResponse.encode(GetResidentResponse.fromPartial({ resident })).finish();
  return isWithin('rangkiang.resident.v1.GetResidentResponse', body, given, 1);
}

describe('what a service answers, held against the grant at the door', () => {
  it('may hold each granted element, and no other one, by the number of its field', () => {
    const { fields } = registry.getMessage('rangkiang.resident.v1.Resident') ?? { fields: [] };
    assert.equal(fields.length, 27);
    for (const { number } of fields) {
      // A text of one letter in the field, whatever its type: what it holds is not looked at.
      const body = Buffer.from([10, number < 16 ? 3 : 4, ...tagOf(number), 1, 65]);
      const own = limitsOf(termsOf({ elements: [number as Element], disability: true }));
      const others = fields.map((field) => field.number as Element).filter((other) => other !== number);
      const without = limitsOf(termsOf({ elements: others, disability: true }));
      assert.equal(isWithin('rangkiang.resident.v1.GetResidentResponse', body, own, 1), true, `${number}`);
      assert.equal(isWithin('rangkiang.resident.v1.GetResidentResponse', body, without, 1), false, `${number}`);
    }
  });

  const tagOf = (field: number): number[] => {
    const tag = field * 8 + 2;
    return tag < 128 ? [tag] : [(tag & 0x7f) | 0x80, tag >> 7];
  };

  it('may hold disability only with its flag', () => {
    const elements = [Element.CACAT];
    assert.equal(isResidentWithin({ cacat: 1 }, limitsOf(termsOf({ elements, disability: false }))), false);
    assert.equal(isResidentWithin({ cacat: 1 }, limitsOf(termsOf({ elements, disability: true }))), true);
  });

  it('may hold nothing where nothing is granted', () => {
    for (const elements of [[], [0], [31], [32 + Element.NIK], [-1]]) {
      assert.equal(isResidentWithin(granted, limitsOf(termsOf({ elements: elements as Element[] }))), false);
    }
  });

  it('is one resident, and a household as large as the grant lets out', () => {
    assert.equal(isResidentWithin(granted), true);
    const one = GetResidentResponse.encode(GetResidentResponse.fromPartial({ resident: granted })).finish();
    const two = Buffer.concat([one, one]);
    assert.equal(isWithin('rangkiang.resident.v1.GetResidentResponse', two, limits, 30), false);
    const body = GetFamilyResponse.encode(GetFamilyResponse.fromPartial({ members: [granted, granted] })).finish();
    assert.equal(isWithin('rangkiang.resident.v1.GetFamilyResponse', body, limits, 2), true);
    assert.equal(isWithin('rangkiang.resident.v1.GetFamilyResponse', body, limits, 1), false);
    const mixed = GetFamilyResponse.encode(
      GetFamilyResponse.fromPartial({ members: [granted, { ...granted, agama: 1 }] }),
    ).finish();
    assert.equal(isWithin('rangkiang.resident.v1.GetFamilyResponse', mixed, limits, 2), false);
  });

  it('compares granted elements only', () => {
    const within = (...elements: number[]) => {
      const matches = elements.map((element) => ({ element: element as Element, match: 1 as const, similarity: 1 }));
      const body = VerifyResidentResponse.encode({ matches }).finish();
      return isWithin('rangkiang.resident.v1.VerifyResidentResponse', body, limits, 1);
    };
    assert.equal(within(Element.NIK, Element.NAMA_LENGKAP), true);
    for (const element of [Element.AGAMA, Element.UNSPECIFIED, 32 + Element.NIK]) {
      assert.equal(within(Element.NIK, element), false);
    }
  });

  it('tells no count below the smallest one, none where the grant names none, and none that is hidden', () => {
    const within = (count: bigint, suppressed = false, given = limits) => {
      const cells = [{ values: ['x'], count, suppressed }];
      const body = AggregateResidentsResponse.encode({ cells, minimumCell: 5 }).finish();
      return isWithin('rangkiang.resident.v1.AggregateResidentsResponse', body, given, 1);
    };
    assert.deepEqual([within(5n), within(4n), within(1n), within(-9n)], [true, false, false, false]);
    assert.deepEqual([within(0n, true), within(7n, true)], [true, false]);
    const none = limitsOf(termsOf({ minimumCell: 0 }));
    assert.deepEqual([within(9_000n, false, none), within(0n, true, none)], [false, true]);
  });

  it('has no field that the contract does not know, and is no other message', () => {
    const body = GetResidentResponse.encode(GetResidentResponse.fromPartial({ resident: granted })).finish();
    const odd = [
      Buffer.concat([body, Buffer.from([18, 1, 65])]),
      Buffer.from([10, 4, 0xfa, 1, 1, 65]),
      Buffer.from([8, 1]),
      Buffer.from('{"resident":{}}'),
      body.subarray(0, -1),
      Buffer.from([0xff]),
    ];
    for (const each of odd) {
      assert.equal(isWithin('rangkiang.resident.v1.GetResidentResponse', each, limits, 1), false, String(each));
    }
  });

  it('is what the service may answer, whatever residents there are', () => {
    const values = fc.record({ nik: fc.string(), namaLengkap: fc.string(), agama: fc.nat(), noAktaCerai: fc.string() });
    fc.assert(
      fc.property(fc.subarray(['nik', 'namaLengkap', 'agama', 'noAktaCerai'] as const), values, (fields, all) => {
        const resident = Object.fromEntries(fields.map((field) => [field, all[field]]));
        const isGranted = fields.every((field) => field === 'nik' || field === 'namaLengkap');
        assert.equal(isResidentWithin(resident as Partial<Resident>), isGranted);
      }),
    );
  });

  it('is looked at for every method that shows or counts residents', () => {
    const service = [...methods.values()].filter((method) => method.service.endsWith('.ResidentService'));
    assert.deepEqual(service.map(({ responseType }) => responseType).sort(), [...checkedAnswers].sort());
    assert.equal(Resident.encode(Resident.fromPartial(granted)).finish().length > 0, true);
  });
});
