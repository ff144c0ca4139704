import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'mocha';
import type { Entry } from '#gen/rangkiang/audit/v1/audit.ts';
import { Kind, Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { leafHash, subjectCommitment } from '#mesh/leaf.ts';
import { checkEntry, EntryRefused, LEAF_MAX_BYTES } from '../../../../../services/audit/domain/check-entry.ts';
import { someEntry, someLeaf } from '../../../../support/audit-entries.ts';

const NIKS = ['1371010101010001', '1371014101010002'];
const CONTEXT = { operator: 'Rahmi Fitri', caseNumber: 'RM-1', searchTerms: '' };

const full = () => someEntry({}, NIKS, CONTEXT);
const [first, second] = full().subjects as [Entry['subjects'][0], Entry['subjects'][0]];
const withLeaf = (changes: Partial<Leaf>): Entry => {
  const entry = full();
  return { ...entry, leaf: Buffer.from(Leaf.encode({ ...Leaf.decode(entry.leaf), ...changes }).finish()) };
};

/** What is wrong, and an entry with that fault. */
const faults: Record<string, Entry> = {
  'bytes that are no message': { ...full(), leaf: Buffer.from('not a leaf, but long enough for an event id') },
  'an empty leaf': { ...full(), leaf: Buffer.alloc(0) },
  'a leaf cut short': { ...full(), leaf: full().leaf.subarray(0, -3) },
  'an event id of 15 bytes': withLeaf({ eventId: randomBytes(15) }),
  'no event id': withLeaf({ eventId: Buffer.alloc(0) }),
  'two event ids': {
    ...full(),
    leaf: Buffer.concat([full().leaf, Leaf.encode(Leaf.create({ eventId: randomBytes(16) })).finish()]),
  },
  'no kind': withLeaf({ kind: Kind.UNSPECIFIED }),
  'too large a leaf': withLeaf({ unit: 'X'.repeat(LEAF_MAX_BYTES) }),
  'a zero character in a text that is searched by': withLeaf({ reason: 'NO\0PERMIT' }),
  'a subject missing': { ...full(), subjects: [first] },
  'a subject too many': { ...full(), subjects: [first, second, second] },
  'subjects in another order': ((entry) => ({ ...entry, subjects: entry.subjects.toReversed() }))(full()),
  'another salt': ((entry) => ({ ...entry, subjects: entry.subjects.map((s) => ({ ...s, salt: randomBytes(16) })) }))(
    full(),
  ),
  'a count that is not that of the subjects': withLeaf({ subjectCount: 3 }),
  'no commitment to the subjects': withLeaf({ subjectsCommitment: Buffer.alloc(0) }),
  'another context': { ...full(), context: Buffer.from('other') },
  'a context without a salt': { ...full(), contextSalt: Buffer.alloc(0) },
  'a salt without a context': { ...someEntry(), contextSalt: randomBytes(16) },
  'a context that was left out': { ...full(), context: Buffer.alloc(0), contextSalt: Buffer.alloc(0) },
};

describe('checkEntry', () => {
  it('passes what sealEntry makes', () => {
    const entry = full();
    const checked = checkEntry(entry);
    assert.deepEqual(checked.leaf, Leaf.decode(entry.leaf));
    assert.deepEqual(checked.leafHash, leafHash(entry.leaf));
    assert.deepEqual(
      checked.commitments,
      entry.subjects.map(({ salt, nik }) => subjectCommitment(salt, nik)),
    );
    assert.deepEqual(checkEntry(someEntry()).commitments, []);
  });

  it('passes kinds and fields that it does not know', () => {
    const unknownField = Buffer.from([0xf8, 0x07, 1]);
    const entry = { ...someEntry(), leaf: Buffer.concat([someEntry().leaf, unknownField]) };
    assert.equal(checkEntry(entry).leaf.opd, 'DKK');
    assert.equal(checkEntry(someEntry({ kind: 99 as Kind })).leaf.kind, 99);
  });

  for (const [fault, entry] of Object.entries(faults)) {
    it(`refuses ${fault}`, () => {
      assert.throws(
        () => checkEntry(entry),
        (error) => {
          assert.ok(error instanceof EntryRefused);
          for (const word of [...NIKS, CONTEXT.operator]) assert.equal(error.message.includes(word), false);
          return true;
        },
      );
    });
  }

  it('refuses a NIK that is not 16 digits, though the leaf commits to it', () => {
    for (const nik of ['', '137101010101000', '13710101010100011', '137101010101000X']) {
      assert.throws(() => checkEntry(someEntry({}, [nik])), EntryRefused);
    }
  });

  it('knows the leaf of an entry of somebody else', () => {
    assert.throws(() => checkEntry({ ...full(), leaf: someEntry(someLeaf()).leaf }), EntryRefused);
  });
});
