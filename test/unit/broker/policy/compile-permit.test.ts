import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';
import { methods } from '#mesh/contract.ts';
import { compilePermit, PermitRefused } from '../../../../broker/policy/compile-permit.ts';
import { izinOf, residentMethods } from '../../../support/policy.ts';

const registered = new Set(['DKK', 'DISDIK']);
function compile(changes: Partial<Izin>, contract = methods) {
  return compilePermit(izinOf(changes), 'jws', contract, registered);
}

describe('compilePermit', () => {
  it('makes one row a method, with all units', () => {
    const { rows } = compile({});
    assert.deepEqual([...rows.keys()], [residentMethods.get, residentMethods.verify]);
    const bucket = rows.get(residentMethods.get)?.get('PELAYANAN_PUBLIK');
    assert.equal(bucket?.length, 1);
    assert.equal(bucket[0]?.[2], '["PKM-PAUH","PKM-NANGGALO"]');
  });

  it('turns a wildcard into the methods of that service that a permit can grant, and no others', () => {
    const { rows } = compile({ methods: ['/rangkiang.resident.v1.ResidentService/*', residentMethods.get] });
    assert.deepEqual([...rows.keys()].sort(), Object.values(residentMethods).sort());
  });

  it('does not let a wildcard grow with the contract after it was compiled', () => {
    const compiled = compile({ methods: ['/rangkiang.resident.v1.ResidentService/*'] });
    assert.equal(compiled.rows.has('/rangkiang.resident.v1.ResidentService/SearchResidents'), false);
  });

  it('gives each unit its own regions, and a unit without regions none', () => {
    const compiled = compile({
      units: [
        { unit: 'PUSAT', regions: [] },
        { unit: 'PKM-PAUH', regions: ['13.71.08'] },
      ],
    });
    assert.deepEqual(compiled.terms('PKM-PAUH', residentMethods.get).regions, ['13.71.08']);
    assert.deepEqual(compiled.terms('PUSAT', residentMethods.get).regions, []);
    assert.deepEqual(compiled.terms('PKM-X', residentMethods.get).regions, []);
    assert.equal(compiled.names('PKM-X'), false);
  });

  const faults: [string, string, Partial<Izin>][] = [
    ['an OPD that is not registered', 'OPD_UNREGISTERED', { opd: 'BPBD' }],
    ['an office', 'OPD_UNREGISTERED', { opd: 'WALIKOTA' }],
    [
      'a unit named twice',
      'UNIT_NAMED_TWICE',
      {
        units: [
          { unit: 'PUSAT', regions: ['13.71'] },
          { unit: 'PUSAT', regions: [] },
        ],
      },
    ],
    ['a method that does not exist', 'METHOD_NOT_GRANTABLE', { methods: [`${residentMethods.get}s`] }],
    ['a method in another letter case', 'METHOD_NOT_GRANTABLE', { methods: [residentMethods.get.toLowerCase()] }],
    ['one bad method among good ones', 'METHOD_NOT_GRANTABLE', { methods: [residentMethods.get, '/x.v1.X/Y'] }],
    ['a method of statute', 'METHOD_NOT_GRANTABLE', { methods: ['/rangkiang.permit.v1.PermitService/IssuePermit'] }],
    ['a method inside the mesh', 'METHOD_NOT_GRANTABLE', { methods: ['/rangkiang.permit.v1.PolicyService/Renew'] }],
    ['hours that cannot be read', 'HOURS_MALFORMED', { hours: [{ days: [], from: '07:30', until: '' }] }],
    [
      'all methods of a service of statute',
      'METHOD_NOT_GRANTABLE',
      { methods: ['/rangkiang.audit.v1.AuditService/*'] },
    ],
    ['all methods of all services', 'METHOD_NOT_GRANTABLE', { methods: ['/*', '*'] }],
    ['part of a service name', 'METHOD_NOT_GRANTABLE', { methods: ['/rangkiang.resident.v1.Resident/*'] }],
    ['a purpose of statute', 'PURPOSE_NOT_GRANTABLE', { purpose: Purpose.PENGAWASAN }],
    ['no purpose', 'PURPOSE_NOT_GRANTABLE', { purpose: Purpose.UNSPECIFIED }],
    ['fingerprints', 'ELEMENT_NOT_GRANTABLE', { elements: [Element.NIK, Element.SIDIK_JARI] }],
    ['an element that does not exist', 'ELEMENT_NOT_GRANTABLE', { elements: [99 as Element] }],
    ['no element by its zero', 'ELEMENT_NOT_GRANTABLE', { elements: [Element.UNSPECIFIED] }],
    ['disability without its flag', 'DISABILITY_FLAG_MISMATCH', { elements: [Element.CACAT] }],
    ['the flag of disability without the element', 'DISABILITY_FLAG_MISMATCH', { disability: true }],
    ['a validity without end', 'VALIDITY_MALFORMED', { validUntil: undefined }],
    ['a validity that ends before it begins', 'VALIDITY_MALFORMED', { validUntil: new Date(0) }],
  ];
  for (const [name, fault, changes] of faults) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => compile(changes),
        (error: unknown) => error instanceof PermitRefused && error.fault === fault,
      );
    });
  }
});
