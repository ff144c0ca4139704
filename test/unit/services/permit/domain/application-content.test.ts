import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { methods } from '#mesh/contract.ts';
import { faultOf } from '../../../../../services/permit/domain/application-content.ts';
import { healthContent } from '../../../../support/permit-service.ts';

const fieldOf = (changes: Partial<typeof healthContent>) => faultOf({ ...healthContent, ...changes }, methods)?.field;

describe('what an application may ask for', () => {
  it('is what a permit could grant', () => {
    assert.equal(fieldOf({}), undefined);
    assert.equal(fieldOf({ methods: ['/rangkiang.resident.v1.ResidentService/*'] }), undefined);
  });

  it('is no unknown method, and none that only statute or the mesh may use', () => {
    const granted = healthContent.methods;
    assert.equal(fieldOf({ methods: [...granted, '/x.Y/Z'] }), 'content.methods[2]');
    assert.equal(fieldOf({ methods: [...granted, '/rangkiang.permit.v1.PermitService/*'] }), 'content.methods[2]');
    assert.equal(fieldOf({ methods: ['/rangkiang.mesh.v1.TrunkService/Carry'] }), 'content.methods[0]');
  });

  it('names each unit once', () => {
    const [unit] = healthContent.units;
    assert.ok(unit);
    assert.equal(fieldOf({ units: [...healthContent.units, unit] }), 'content.units[2].unit');
  });
});
