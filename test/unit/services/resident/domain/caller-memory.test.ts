import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Sign } from '#gen/rangkiang/audit/v1/leaf.ts';
import { type Caller, CallerMemory } from '../../../../../services/resident/domain/caller-memory.ts';

const rahmi: Caller = {
  opd: 'DKK',
  unit: 'PKM-PAUH',
  system: 'simpus',
  operator: '19870101 Rahmi Koto, S.Kep',
  operatorPseudonym: 'a'.repeat(32),
};
const nobody: Caller = { ...rahmi, operator: '', operatorPseudonym: '' };
const NIK = '1371010101010001';
const nik = (sequence: number, day = '010101') => `137101${day}${String(sequence).padStart(4, '0')}`;
const seen = (sequence: number, name?: string) => ({ nik: nik(sequence), name });

describe('CallerMemory', () => {
  it('notices NIKs that lie beside the one before, of the same caller', () => {
    const memory = new CallerMemory();
    const asked = (sequence: number, caller = rahmi, day?: string) => memory.asked(caller, nik(sequence, day));
    assert.deepEqual(asked(1), []);
    assert.deepEqual(asked(4), [Sign.NIK_NEIGHBOUR]);
    assert.deepEqual(asked(3), [Sign.NIK_NEIGHBOUR]);
    assert.deepEqual(asked(3), []);
    assert.deepEqual(asked(7), []);
    assert.deepEqual(asked(8, rahmi, '020101'), []);
    assert.deepEqual(asked(9, nobody, '020101'), []);
    assert.deepEqual(asked(10, { ...rahmi, system: 'other' }, '020101'), [Sign.NIK_NEIGHBOUR]);
  });

  it('notices an operator who comes back to a household, not one who is still busy with it', () => {
    let nowMs = 0;
    const memory = new CallerMemory(() => nowMs);
    const answered = (...sequences: number[]) =>
      memory.answered(
        rahmi,
        sequences.map((one) => seen(one)),
      );
    assert.deepEqual(answered(1, 20, 40), []);
    nowMs += 30 * 60_000;
    assert.deepEqual(answered(20), []);
    nowMs += 30 * 60_000 + 1;
    assert.deepEqual(answered(40), [Sign.SAME_HOUSEHOLD]);
    assert.deepEqual(answered(1, 20, 40), []);
    nowMs += 86_400_000;
    assert.deepEqual(answered(99), []);
    assert.deepEqual(memory.answered(nobody, [seen(1)]), []);
    assert.deepEqual(answered(1, 20), [Sign.SAME_HOUSEHOLD]);
  });

  it("notices a resident of the operator's name, titles and letters' size aside", () => {
    const named = (name: string | undefined, caller = rahmi) =>
      new CallerMemory().answered(caller, [{ nik: NIK, name }]);
    assert.deepEqual(named('BUDI KOTO'), [Sign.OPERATORS_NAME]);
    for (const name of ['BUDI TANJUNG', 'KOTO', 'KOTO BUDI', '', undefined]) assert.deepEqual(named(name), []);
    assert.deepEqual(named('BUDI KOTO', nobody), []);
    // An id without a name, and a name too short to tell anything.
    assert.deepEqual(named('BUDI KOTO', { ...rahmi, operator: '19870101' }), []);
    assert.deepEqual(named('BUDI ALI', { ...rahmi, operator: '1 RAHMI ALI' }), []);
  });

  it('notices when the fifth agency looks at a resident within a day, once', () => {
    let nowMs = 0;
    const memory = new CallerMemory(() => nowMs);
    const look = (opd: string) => memory.answered({ ...nobody, opd }, [seen(1)]);
    for (const opd of ['A', 'B', 'C', 'D', 'A']) assert.deepEqual(look(opd), []);
    assert.deepEqual(look('E'), [Sign.MANY_OPDS]);
    assert.deepEqual(look('F'), []);
    nowMs += 86_400_001;
    for (const opd of ['G', 'H', 'I', 'J']) assert.deepEqual(look(opd), []);
    assert.deepEqual(look('K'), [Sign.MANY_OPDS]);
  });
});
