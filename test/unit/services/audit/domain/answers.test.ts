import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'mocha';
import { Answers } from '../../../../../services/audit/domain/answers.ts';
import { EntryRefused } from '../../../../../services/audit/domain/check-entry.ts';
import { someEntry } from '../../../../support/audit-entries.ts';

const acknowledgement = (index: bigint) => ({ eventId: randomBytes(16), index, leafHash: randomBytes(32) });

describe('Answers', () => {
  it('makes one message of all that one commit settled', async () => {
    const answers = new Answers();
    const commit = Promise.withResolvers<void>();
    const told = [0n, 1n, 2n].map(acknowledgement);
    for (const one of told)
      answers.expect(
        someEntry(),
        commit.promise.then(() => one),
      );
    assert.equal(answers.outstanding, 3);
    commit.resolve();
    await answers.news.pass();
    assert.deepEqual(answers.take(), { acknowledgements: told, refusals: [] });
    assert.equal(answers.outstanding, 0);
    assert.equal(answers.take(), undefined);
  });

  it('names a refused entry by its event id, if it has one', async () => {
    const answers = new Answers();
    const entry = someEntry();
    answers.expect(entry, Promise.reject(new EntryRefused('wrong salt')));
    answers.expect({ ...entry, leaf: Buffer.from('x') }, Promise.reject(new EntryRefused('no leaf')));
    await answers.news.pass();
    assert.deepEqual(answers.take()?.refusals, [
      { eventId: entry.leaf.subarray(2, 18), message: 'wrong salt' },
      { eventId: Buffer.alloc(0), message: 'no leaf' },
    ]);
  });

  it('answers a probe with an empty message', () => {
    const answers = new Answers();
    answers.probe();
    assert.deepEqual(answers.take(), { acknowledgements: [], refusals: [] });
    assert.equal(answers.take(), undefined);
  });

  it('fails with an error that is no refusal', async () => {
    const answers = new Answers();
    const error = new Error('the queue is closed');
    answers.expect(someEntry(), Promise.reject(error));
    await answers.news.pass();
    assert.equal(answers.failure, error);
    assert.equal(answers.outstanding, 0);
  });
});
