import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Weekday } from '#gen/rangkiang/permit/v1/izin.ts';
import { ApplicationContent } from '#gen/rangkiang/permit/v1/permit.ts';
import { GetResidentRequest } from '#gen/rangkiang/resident/v1/resident.ts';
import { methods, parseJson, printJson, validate } from '#mesh/contract.ts';

const GET_RESIDENT = 'rangkiang.resident.v1.GetResidentRequest';

describe('contract', () => {
  it('states door, audit class and deadline for every method', () => {
    for (const { path, policy } of methods.values()) {
      assert.notEqual(policy.door, 'UNSPECIFIED', path);
      assert.notEqual(policy.auditClass, 'UNSPECIFIED', path);
      assert.ok(policy.defaultDeadlineMs > 0, path);
    }
  });

  it('gives every public method either a cost, so that a permit can carry it, or a statute purpose', () => {
    for (const { path, policy } of methods.values()) {
      if (policy.door === 'BROKER') assert.equal(policy.cost.kind === 'NONE', policy.statutePurpose !== 0, path);
    }
  });

  it('demands a record of everything that goes through the door', () => {
    for (const { path, policy } of methods.values()) {
      if (policy.door === 'BROKER') assert.notEqual(policy.auditClass, 'NONE', path);
    }
  });

  it('checks the fields of a message and names those at fault, not their values', () => {
    const bytes = GetResidentRequest.encode({ nik: '137101170890900', elements: [2, 2] }).finish();
    assert.throws(
      () => validate(GET_RESIDENT, bytes),
      (error: { reason: string; violations: { field: string; description: string }[] }) => {
        assert.equal(error.reason, 'REQUEST_INVALID');
        assert.deepEqual(error.violations.map(({ field }) => field).sort(), ['elements', 'nik']);
        assert.ok(!JSON.stringify(error.violations).includes('137101170890900'));
        return true;
      },
    );
    validate(GET_RESIDENT, GetResidentRequest.encode({ nik: '1371011708909003', elements: [] }).finish());
  });

  it('takes hours that are hours, and a law in one line', () => {
    const faults = (change: Partial<ApplicationContent>): string[] => {
      const content = ApplicationContent.fromPartial(change);
      try {
        validate('rangkiang.permit.v1.ApplicationContent', ApplicationContent.encode(content).finish());
      } catch (error) {
        return (error as { violations: { field: string }[] }).violations.map(({ field }) =>
          field.replace(/\[\d+\]/, ''),
        );
      }
      return [];
    };
    const hours = (from: string, until: string, days: Weekday[] = []) => faults({ hours: [{ days, from, until }] });
    const others = faults({});
    const added = (found: readonly string[]) => found.filter((field) => !others.includes(field));
    assert.deepEqual(added(hours('07:30', '16:00', [Weekday.MONDAY])), []);
    assert.deepEqual(added(hours('22:00', '24:00')), []);
    assert.deepEqual(added(hours('24:00', '06:00')), ['hours.from']);
    assert.deepEqual(added(hours('7:30', '16:00')), ['hours.from']);
    assert.deepEqual(added(hours('07:30', '25:00')), ['hours.until']);
    assert.deepEqual(added(hours('07:30', '07:30')), ['hours']);
    assert.deepEqual(added(hours('07:30', '16:00', [Weekday.MONDAY, Weekday.MONDAY])), ['hours.days']);
    assert.deepEqual(added(faults({ legalBasis: 'UU 17/2023 (Kesehatan)' })), []);
    for (const law of [' UU 1', 'UU 1\nUU 2', 'U'.repeat(121)]) {
      assert.deepEqual(added(faults({ legalBasis: law })), ['legal_basis'], law);
    }
    assert.deepEqual(added(faults({ subPurpose: 'a\tb' })), ['sub_purpose']);
  });

  it('tells malformed bytes from wrong fields', () => {
    assert.throws(() => validate(GET_RESIDENT, Buffer.from([0xff, 0xff])), { reason: 'REQUEST_MALFORMED' });
  });

  it('reads ProtoJSON strictly and prints it again', () => {
    const text = '{"nik":"1371011708909003","elements":["ELEMENT_NIK"]}';
    const bytes = parseJson(GET_RESIDENT, text);
    assert.deepEqual(JSON.parse(printJson(GET_RESIDENT, bytes)), JSON.parse(text));
    for (const wrong of ['{"nik":"1","surprise":1}', '{"elements":["ELEMENT_SOUL"]}', '[]', '{']) {
      assert.throws(() => parseJson(GET_RESIDENT, wrong), { reason: 'REQUEST_INVALID' });
    }
  });
});
