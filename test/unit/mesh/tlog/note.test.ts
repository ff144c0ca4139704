import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { openCheckpoint, signCheckpoint } from '#mesh/tlog/checkpoint.ts';
import { logSigner, NoteInvalid, openNote, verifierOf, witnessSigner } from '#mesh/tlog/note.ts';

const ORIGIN = 'padang.go.id/rangkiang/audit';
const head = { size: 70_000n, root: randomBytes(32) };
const log = logSigner(ORIGIN, randomBytes(32));
const witness = witnessSigner('inspektorat.padang.go.id/witness', randomBytes(32), () => 1_790_000_000_999);
const note = signCheckpoint(head, log);

describe('a signed note', () => {
  it('is read as golang.org/x/mod/sumdb/note reads it', () => {
    // The example of that package's documentation.
    const verifier = verifierOf('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
    const text = [
      'If you think cryptography is the answer to your problem,',
      "then you don't know what your problem is.",
      '',
    ].join('\n');
    const signature =
      '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=';
    const opened = openNote(`${text}\n${signature}\n`, [verifier]);
    assert.deepEqual(opened, { text, signedBy: [verifier] });
    assert.throws(() => openNote(`${text.replace('answer', 'Answer')}\n${signature}\n`, [verifier]), NoteInvalid);
  });

  it('carries the signatures of log and witness, and counts nothing of strangers', () => {
    const text = note.slice(0, note.indexOf('\n\n') + 1);
    const both = note + witness.sign(text) + logSigner('stranger', randomBytes(32)).sign(text);
    const known = [verifierOf(log.verifierKey), verifierOf(witness.verifierKey)];
    assert.deepEqual(openNote(both, known), { text, signedBy: known });
    assert.deepEqual(openNote(both, [verifierOf(logSigner(ORIGIN, randomBytes(32)).verifierKey)]).signedBy, []);
  });

  it('is refused when anything of it is changed', () => {
    const text = note.slice(0, note.indexOf('\n\n') + 1);
    const known = [verifierOf(log.verifierKey), verifierOf(witness.verifierKey)];
    const bytes = Buffer.from(note + witness.sign(text));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(at) ^ (1 << bit), at);
        try {
          // A changed name or key id makes a stranger of the key.
          assert.ok(openNote(changed.toString(), known).signedBy.length < 2);
        } catch (error) {
          assert.ok(error instanceof NoteInvalid);
        }
      }),
    );
  });

  it('is not made of anything else', () => {
    for (const wrong of ['', 'text\n', 'text\n\nno signature\n', `${note}x`]) {
      assert.throws(() => openNote(wrong, []), NoteInvalid, wrong);
    }
    for (const wrong of ['', 'a+00000000+AQ==', log.verifierKey.replace('+', '+0'), `${log.verifierKey}=`]) {
      assert.throws(() => verifierOf(wrong), NoteInvalid, wrong);
    }
  });
});

describe('a checkpoint', () => {
  it('gives back the head that the log signed', () => {
    assert.deepEqual(openCheckpoint(note, verifierOf(log.verifierKey)), head);
    assert.match(note, /^padang\.go\.id\/rangkiang\/audit\n70000\n[A-Za-z0-9+/]{43}=\n\n— padang/);
  });

  it("is refused when it is unsigned, another log's, or malformed", () => {
    const verifier = verifierOf(log.verifierKey);
    const text = note.slice(0, note.indexOf('\n\n') + 1);
    const signed = (changed: string) => `${changed}\n${log.sign(changed)}`;
    const wrong = [
      `${text}\n${witness.sign(text)}`,
      signed(text.replace(ORIGIN, 'padang.go.id/other')),
      signed(text.replace('70000', '070000')),
      signed(text.replace('70000', '-1')),
      signed(`${text}extension\n`),
      signed(text.replace(/.=\n$/, '\n')),
    ];
    for (const each of wrong) assert.throws(() => openCheckpoint(each, verifier), NoteInvalid, each);
    assert.deepEqual(openCheckpoint(signed(text), verifier), head);
  });
});
