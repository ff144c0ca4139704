import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { methods } from '#mesh/contract.ts';
import { grantableMethods } from '../../../../../services/permit/domain/grantable-methods.ts';

const granted = (pattern: string) => grantableMethods(pattern, methods);

describe('methods that a permit may name', () => {
  it('are methods behind the broker that no statute grants', () => {
    const path = '/rangkiang.resident.v1.ResidentService/GetResident';
    assert.deepEqual(granted(path), [path]);
    assert.deepEqual(granted('/rangkiang.permit.v1.PermitService/IssuePermit'), []);
    assert.deepEqual(granted('/rangkiang.resident.v1.RegistryService/ImportResidents'), []);
    assert.deepEqual(granted('/rangkiang.permit.v1.PolicyService/Renew'), []);
  });

  it('are all such methods of a service by its "*", and never those of another', () => {
    const all = granted('/rangkiang.resident.v1.ResidentService/*');
    assert.ok(all.includes('/rangkiang.resident.v1.ResidentService/AggregateResidents'));
    assert.ok(all.every((path) => path.startsWith('/rangkiang.resident.v1.ResidentService/')));
    assert.deepEqual(granted('/rangkiang.audit.v1.AuditService/*'), []);
    assert.deepEqual(granted('/rangkiang.resident.v1.Resident/*'), []);
  });

  it('are named exactly: no other letter case, no prefix, nothing inherited', () => {
    assert.deepEqual(granted('/rangkiang.resident.v1.ResidentService/getResident'), []);
    assert.deepEqual(granted('/rangkiang.resident.v1.ResidentService/Get'), []);
    assert.deepEqual(granted('/rangkiang.resident.v1.ResidentService/*/x'), []);
    assert.deepEqual(granted('toString'), []);
    assert.deepEqual(granted(''), []);
  });
});
