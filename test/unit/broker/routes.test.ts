import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { methods } from '#mesh/contract.ts';
import { routes } from '../../../broker/routes.ts';

describe('routes', () => {
  it('lead to every public service and to nothing else', () => {
    const open = [...methods.values()].filter(({ policy }) => policy.door === 'BROKER').map(({ service }) => service);
    assert.deepEqual(new Set(Object.keys(routes)), new Set(open));
  });
});
