import assert from 'node:assert/strict';
import { status as GrpcStatus } from '@grpc/grpc-js';
import { describe, it } from 'mocha';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { HeardAnswer } from '../../support/heard-answers.ts';
import { type RecordOfAnswer, unrecordedAnswers } from '../../support/records-of-answers.ts';

const method = '/rangkiang.resident.v1.ResidentService/GetResident';
const caller = { opd: 'DKK', unit: 'PKM-PAUH', system: 'simpus' };
const given: HeardAnswer = { method, ...caller, status: GrpcStatus.OK, index: '7', permit: 'STATUTE' };
const record: RecordOfAnswer = {
  method,
  opd: caller.opd,
  leaf: { kind: Kind.DISCLOSED, method, ...caller, permit: 'STATUTE' },
};
const refused: HeardAnswer = { method, ...caller, status: GrpcStatus.NOT_FOUND, index: '8' };
const refusal: RecordOfAnswer = { ...record, leaf: { ...record.leaf, kind: Kind.EMPTY } };
const records = new Map([
  ['7', record],
  ['8', refusal],
]);

describe('answers of a test mesh, held against its log', () => {
  const at7 = (changed: Partial<RecordOfAnswer['leaf']>) =>
    new Map([...records, ['7', { ...record, leaf: { ...record.leaf, ...changed } }] as const]);

  it('are as they should be when each has its record', () => {
    assert.deepEqual(unrecordedAnswers([given, refused], records), []);
  });

  it('are also when a read showed whose data were looked at, and was recorded as a disclosure', () => {
    const list = '/rangkiang.audit.v1.SubjectService/ListAccessesAtCounter';
    const shown = { ...record, method: list, leaf: { ...record.leaf, method: list } };
    assert.deepEqual(unrecordedAnswers([{ ...given, method: list }], new Map([['7', shown]])), []);
  });

  for (const [what, answers, log, fault] of [
    ['with data and no index', [{ ...given, index: undefined }], records, /no index/],
    ['whose record was dropped', [given], new Map([['8', refusal]]), /no such record/],
    ['whose index is one too far', [{ ...given, index: '8' }], records, /kind 2/],
    ['that shares its record', [given, given], records, /of another answer/],
    ['of another method', [given], at7({ method: method.replace('GetResident', 'GetFamily') }), /method ".*GetFamily"/],
    ['of another OPD', [given], at7({ opd: 'RSUD' }), /opd "RSUD"/],
    ['of another unit', [given], at7({ unit: 'PUSAT' }), /unit "PUSAT"/],
    ['under another permit', [given], at7({ permit: '' }), /permit ""/],
    ['with data that was recorded as a mere read', [given], at7({ kind: Kind.READ }), /kind 9/],
    ['recorded as denied', [given], at7({ kind: Kind.DENIED }), /kind 4/],
    ['refused and recorded as given', [refused], new Map([['8', record]]), /kind 1/],
    ['whose row is not its leaf', [given], new Map([['7', { ...record, opd: 'RSUD' }]]), /row and its leaf/],
  ] as const) {
    it(`name the one ${what}`, () => {
      const faults = unrecordedAnswers(answers, log);
      assert.equal(faults.length, 1);
      assert.match(faults[0] ?? '', fault);
    });
  }
});
