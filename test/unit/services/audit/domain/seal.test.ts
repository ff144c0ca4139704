import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'mocha';
import { checkEntry } from '../../../../../services/audit/domain/check-entry.ts';
import { Sealer } from '../../../../../services/audit/domain/seal.ts';
import { someEntry } from '../../../../support/audit-entries.ts';
import { openSealed } from '../../../../support/open-sealed.ts';

const NIK = '1371010101010001';
const sealKey = randomBytes(32);

describe('Sealer', () => {
  const sealer = new Sealer(sealKey);
  const checked = checkEntry(someEntry({}, [NIK], { operator: 'Rahmi Fitri', caseNumber: 'RM-1' }));
  const sealed = sealer.seal(checked) as Buffer;

  it('seals subjects, context and salts, and not the leaf', () => {
    assert.deepEqual(openSealed(sealed, sealKey, checked.leafHash), { ...checked.entry, leaf: Buffer.alloc(0) });
  });

  it('never gives the same bytes twice', () => {
    assert.notDeepEqual(sealer.seal(checked), sealed);
  });

  it('leaves nothing readable', () => {
    for (const word of [NIK, 'Rahmi', 'RM-1']) assert.equal(sealed.includes(word), false);
  });

  it('does not open beside another leaf', () => {
    assert.throws(() => openSealed(sealed, sealKey, randomBytes(32)));
  });

  it('seals nothing when there is nothing personal', () => {
    assert.equal(sealer.seal(checkEntry(someEntry())), null);
  });

  it('tags a resident the same in every entry, another one otherwise, and otherwise under another key', () => {
    const tag = sealer.subjectTag(NIK);
    assert.equal(tag.length, 16);
    assert.deepEqual(new Sealer(sealKey).subjectTag(NIK), tag);
    assert.notDeepEqual(sealer.subjectTag('1371010101010002'), tag);
    assert.notDeepEqual(new Sealer(randomBytes(32)).subjectTag(NIK), tag);
  });

  it('tells keys apart by their id', () => {
    assert.equal(new Sealer(sealKey).keyId, sealer.keyId);
    assert.notEqual(new Sealer(randomBytes(32)).keyId, sealer.keyId);
  });
});
