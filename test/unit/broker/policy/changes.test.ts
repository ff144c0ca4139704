import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'mocha';
import { ChangeNotUnderstood, readChange } from '../../../../broker/policy/changes.ts';
import { directiveOf, frozen, issued, izinOf, lifted, revoked } from '../../../support/policy.ts';

describe('readChange', () => {
  it('reads an issue and a revocation', () => {
    assert.equal(readChange(issued(izinOf())).$case, 'permitIssued');
    const permitId = randomUUID();
    assert.deepEqual(readChange(revoked(permitId)), { $case: 'permitRevoked', value: { permitId, reason: 1 } });
  });

  it('reads a freeze and a lift', () => {
    assert.equal(readChange(frozen(directiveOf({ $case: 'opd', value: 'DKK' }))).$case, 'frozen');
    assert.equal(readChange(lifted(directiveOf({ $case: 'opd', value: 'DKK' }))).$case, 'lifted');
  });

  const revocation = revoked(randomUUID());
  const strange: Record<string, Buffer> = {
    'no bytes': Buffer.alloc(0),
    'bytes that are no message': Buffer.from('ffffffff', 'hex'),
    'a message cut short': revocation.subarray(0, -3),
    'a kind that is not known (field 3)': Buffer.from('1a00', 'hex'),
    'a known kind and one that is not': Buffer.concat([issued(izinOf()), Buffer.from('1a00', 'hex')]),
    'two kinds in one': Buffer.concat([revocation, issued(izinOf())]),
    'an unknown field inside a revocation': Buffer.from('1206220401020304', 'hex'),
    'a revocation of nothing': revoked(''),
    'a revocation of all statute': revoked('STATUTE'),
    'a freeze of nothing': frozen(directiveOf(undefined)),
    'a freeze of an OPD without form': frozen(directiveOf({ $case: 'opd', value: 'dkk*' })),
    'a freeze of an element that is not in the list': frozen(directiveOf({ $case: 'element', value: 99 as never })),
    'a freeze without an id': frozen({ ...directiveOf({ $case: 'opd', value: 'DKK' }), directiveId: '' }),
    'a freeze of a kind that is not known (field 9)': Buffer.from('520812060a0078414a0130', 'hex'),
  };
  for (const [name, bytes] of Object.entries(strange)) {
    it(`does not understand ${name}`, () => assert.throws(() => readChange(bytes), ChangeNotUnderstood));
  }
});
