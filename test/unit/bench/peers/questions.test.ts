import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { callsOf, questionsOf } from '../../../../bench/peers/questions.ts';
import { asker, makeRules } from '../../../../bench/rules.ts';
import { decide } from '../../../../broker/policy/decide.ts';

describe('the questions put to peers', () => {
  const set = makeRules({ opds: 3, units: 5, methods: 4 });

  it('are one for each rule of the OPD, a fifth of them denied', () => {
    assert.equal(set.rules.length, 60);
    const questions = questionsOf(set, 'OPD_1');
    assert.equal(questions.length, 20);
    assert(questions.every(({ opd }) => opd === 'OPD_1'));
    assert.equal(questions.filter(({ allowed }) => !allowed).length, 4);
  });

  it('are answered by decide() as they say', async () => {
    const snapshot = await set.newSnapshot();
    const nowMs = Date.now();
    const time = { live: true, earliestMs: nowMs, latestMs: nowMs };
    for (const question of set.opds.flatMap((opd) => questionsOf(set, opd))) {
      const request = { ...question, permit: '', hasOperator: false, hasCaseNumber: false, ...asker };
      assert.equal(decide(snapshot, request, time).allowed, question.allowed);
    }
  });

  it('come in calls of any size, each question equally often', () => {
    const questions = questionsOf(set, 'OPD_0');
    assert.deepEqual(callsOf(questions, 1).flat(), questions);
    const calls = callsOf(questions, 50);
    assert(calls.every((call) => call.length === 50));
    for (const question of questions) {
      assert.equal(calls.flat().filter((each) => each === question).length, 50);
    }
  });
});
