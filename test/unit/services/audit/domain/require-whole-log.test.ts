import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Grant, Scope } from '#gen/rangkiang/mesh/v1/grant.ts';
import { MeshError } from '#mesh/errors.ts';
import { requireWholeLog } from '../../../../../services/audit/domain/require-whole-log.ts';

describe('requireWholeLog', () => {
  it('lets a grant pass that reaches everything, and no other', () => {
    requireWholeLog(Grant.create({ scope: Scope.ALL }));
    for (const scope of [Scope.UNSPECIFIED, Scope.OWN]) {
      assert.throws(
        () => requireWholeLog(Grant.create({ scope })),
        (error) => error instanceof MeshError && error.reason === 'NO_PERMIT',
      );
    }
  });
});
