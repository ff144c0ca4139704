import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { Context, Kind, Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { DecisionInput } from '#gen/rangkiang/type/v1/decision_input.ts';
import { contextCommitment, eventIdOf, leafHash, sealEntry, subjectsCommitment } from '#mesh/leaf.ts';

// A second reading of the formats in leaf.proto, with another API and no code of ours.
const sha256 = (...parts: (string | Uint8Array)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const NO_CONTEXT = { operator: '', caseNumber: '', searchTerms: '' };

const someLeaf = () => Leaf.fromPartial({ eventId: randomBytes(16), timeUs: 1n, kind: Kind.DISCLOSED, opd: 'DKK' });

describe('leafHash', () => {
  it('is the leaf hash of RFC 6962', () => {
    // The hash of the empty leaf and of one zero byte, from the reference vectors of certificate-transparency.
    assert.equal(
      leafHash(Buffer.alloc(0)).toString('hex'),
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    );
    assert.equal(
      leafHash(Buffer.from([0])).toString('hex'),
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
    );
  });
});

describe('eventIdOf', () => {
  it('reads the id without decoding the leaf', () => {
    const leaf = someLeaf();
    assert.deepEqual(eventIdOf(Buffer.from(Leaf.encode(leaf).finish())), leaf.eventId);
  });

  it('refuses bytes that do not begin with an id of 16 bytes', () => {
    const wrong = [0, 1, 15, 17].map((length) => Leaf.encode({ ...someLeaf(), eventId: randomBytes(length) }).finish());
    for (const bytes of wrong) assert.throws(() => eventIdOf(Buffer.from(bytes)), RangeError);
    assert.throws(() => eventIdOf(Buffer.from([0x0a, 16, 1, 2])), RangeError);
  });
});

describe('sealEntry', () => {
  it('commits to each subject and to the context as leaf.proto says', () => {
    const nik = fc.stringMatching(/^[0-9]{16}$/);
    fc.assert(
      fc.property(fc.array(nik, { maxLength: 5 }), fc.string(), fc.string(), (niks, operator, searchTerms) => {
        const entry = sealEntry(someLeaf(), niks, { operator, caseNumber: '', searchTerms });
        const leaf = Leaf.decode(entry.leaf);
        assert.deepEqual(
          entry.subjects.map((subject) => subject.nik),
          niks,
        );
        assert.equal(leaf.subjectCount, niks.length);
        const commitments = entry.subjects.map(({ salt, nik }) => sha256(salt, nik));
        assert.deepEqual(leaf.subjectsCommitment, niks.length === 0 ? Buffer.alloc(0) : sha256(...commitments));
        if (operator || searchTerms) {
          assert.deepEqual(Context.decode(entry.context), { operator, caseNumber: '', searchTerms });
          assert.deepEqual(leaf.contextCommitment, sha256(entry.contextSalt, entry.context));
        } else {
          assert.equal(entry.context.length + entry.contextSalt.length + leaf.contextCommitment.length, 0);
        }
        for (const { salt } of entry.subjects) assert.equal(salt.length, 16);
      }),
    );
  });

  it('keeps every other field of the leaf', () => {
    const leaf = { ...someLeaf(), reason: 'NO_PERMIT', elements: [1 as const], requestId: 'r' };
    assert.deepEqual(Leaf.decode(sealEntry(leaf, [], NO_CONTEXT).leaf), leaf);
  });

  it('salts afresh: two records of one resident cannot be linked', () => {
    const [a, b] = [1, 2].map(() => Leaf.decode(sealEntry(someLeaf(), ['1371010101010001'], NO_CONTEXT).leaf));
    assert.notDeepEqual(a?.subjectsCommitment, b?.subjectsCommitment);
  });

  it('leaves nothing personal in the leaf', () => {
    const context = { operator: 'Rahmi Fitri', caseNumber: 'RM-22310', searchTerms: '1371029999990002' };
    const { leaf } = sealEntry(someLeaf(), ['1371010101010001'], context);
    for (const word of ['1371010101010001', ...Object.values(context)]) assert.equal(leaf.includes(word), false);
  });
});

describe('a leaf from before decisions were kept', () => {
  // Written by hand from leaf.proto as it was: event id, time, kind DENIED, OPD, unit, system, method, reason.
  const old = Buffer.concat([
    Buffer.from([0x0a, 16]),
    Buffer.alloc(16, 7),
    Buffer.from([0x10, 1, 0x18, 4]),
    ...['DKK', 'PUSAT', 'simpus'].map((text, at) =>
      Buffer.from([((4 + at) << 3) | 2, text.length, ...Buffer.from(text)]),
    ),
    Buffer.from([0x5a, 2, ...Buffer.from('/a'), 0x72, 9, ...Buffer.from('NO_PERMIT')]),
  ]);

  it('decodes, tells no decision, and has the bytes and the hash that it had', () => {
    const leaf = Leaf.decode(old);
    assert.deepEqual([leaf.kind, leaf.opd, leaf.reason, leaf.decision], [Kind.DENIED, 'DKK', 'NO_PERMIT', undefined]);
    assert.deepEqual(Buffer.from(Leaf.encode(leaf).finish()), old);
    assert.deepEqual(leafHash(old), sha256(Buffer.from([0]), old));
  });

  it('differs from one that tells a decision by field 28 alone, which comes before the note', () => {
    const decision = DecisionInput.fromPartial({ earliestMs: 5n });
    const [bytes, with28] = [undefined, decision].map((each) =>
      Buffer.from(Leaf.encode({ ...Leaf.decode(old), decision: each }).finish()),
    );
    assert.deepEqual(with28, Buffer.concat([bytes ?? assert.fail(), Buffer.from([0xe2, 0x01, 2, 0x10, 5])]));
  });
});

describe('commitments of nothing', () => {
  it('are empty', () => {
    assert.equal(subjectsCommitment([]).length, 0);
    assert.equal(contextCommitment(Buffer.alloc(0), Buffer.alloc(0)).length, 0);
  });
});
