import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';
import { checkEntry } from '../../../../../services/audit/domain/check-entry.ts';
import { openPart, periodOwner } from '../../../../../services/audit/domain/seal.ts';
import { someEntry } from '../../../../support/audit-entries.ts';
import { someSealing } from '../../../../support/sealing.ts';

const NIK = '1371010101010001';
const context = { operator: 'Rahmi Fitri', caseNumber: 'RM-1', searchTerms: '' };

describe('Sealer', () => {
  const { sealer } = someSealing();
  const sealed = (subjects: string[], given = {}) => {
    const checked = checkEntry(someEntry({ purpose: Purpose.PELAYANAN_PUBLIK }, subjects, given));
    const parts = sealer.seal(checked);
    /** Who owns the part, and what it opens to. */
    const opened = parts.map((part) => ({
      owner: part.key.ownerTag,
      ...openPart(part.key.key, checked.leafHash, part.sealed),
    }));
    return { checked, parts, opened };
  };

  it('seals all of an entry about one person under one key of theirs, and not the leaf', () => {
    const { checked, opened } = sealed([NIK], context);
    const { leaf: _, ...rest } = checked.entry;
    assert.deepEqual(opened, [{ owner: sealer.tag(NIK), leaf: Buffer.alloc(0), ...rest }]);
  });

  it('gives each person of several a part of their own, and the context to none of them', () => {
    const others = ['1371010101010002', '1371010101010003'];
    const { checked, opened } = sealed([NIK, ...others], context);
    assert.deepEqual(
      opened.map(({ owner, subjects, context }) => [owner, subjects.map(({ nik }) => nik), context.length > 0]),
      [
        ...[NIK, ...others].map((nik) => [sealer.tag(nik), [nik], false]),
        [sealer.tag(periodOwner(Purpose.PELAYANAN_PUBLIK, new Date(1_790_000_000_000))), [], true],
      ],
    );
    assert.deepEqual(opened.at(-1)?.context, checked.entry.context);
  });

  it('seals what was asked about a number under a key of that number', () => {
    const { opened } = sealed([], { ...context, searchTerms: NIK });
    assert.deepEqual(
      opened.map(({ owner, subjects }) => [owner, subjects]),
      [[sealer.tag(NIK), []]],
    );
  });

  it('seals what names nobody under a key of its purpose and month', () => {
    const { opened } = sealed([], { ...context, searchTerms: 'dkk-operator-7' });
    assert.equal(opened.length, 1);
    assert.deepEqual(opened[0]?.owner, sealer.tag('purpose 1 in 2026-09'));
  });

  it('never gives the same bytes twice, and leaves nothing readable', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.stringMatching(/^13[0-9]{14}$/), { maxLength: 4 }),
        fc.stringMatching(/^[A-Za-z]{5,12}$/),
        (niks, operator) => {
          const { checked, parts, opened } = sealed(niks, { operator });
          const again = sealer.seal(checked);
          for (const [at, part] of parts.entries()) {
            assert.notDeepEqual(part.sealed, again[at]?.sealed);
            for (const word of [...niks, operator]) assert.equal(part.sealed.includes(word), false);
          }
          assert.deepEqual(
            opened.flatMap(({ subjects }) => subjects),
            checked.entry.subjects,
          );
        },
      ),
    );
  });

  it('does not open beside another leaf, under another key, or with a bit turned', () => {
    const { checked, parts } = sealed([NIK]);
    const [part] = parts;
    assert.ok(part);
    assert.throws(() => openPart(part.key.key, randomBytes(32), part.sealed));
    assert.throws(() => openPart(someSealing().ring.keyOf(sealer.tag(NIK)).key, checked.leafHash, part.sealed));
    fc.assert(
      fc.property(fc.nat(part.sealed.length * 8 - 1), (bit) => {
        const turned = Buffer.from(part.sealed);
        turned[bit >> 3] = (turned[bit >> 3] as number) ^ (1 << (bit & 7));
        assert.throws(() => openPart(part.key.key, checked.leafHash, turned));
      }),
    );
  });

  it('seals nothing when there is nothing personal', () => {
    assert.deepEqual(sealed([]).parts, []);
  });

  it('tags an owner the same in every entry, another one otherwise, and otherwise under another key', () => {
    const tag = sealer.tag(NIK);
    assert.equal(tag.length, 16);
    assert.deepEqual(sealer.tag(NIK), tag);
    assert.notDeepEqual(sealer.tag('1371010101010002'), tag);
    assert.notDeepEqual(someSealing().sealer.tag(NIK), tag);
  });
});
