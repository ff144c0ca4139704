import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { FloodGate } from '../../../../broker/quota/flood-gate.ts';

describe('FloodGate', () => {
  let nowMs: number;
  let gate: FloodGate;
  beforeEach(() => {
    nowMs = 0;
    gate = new FloodGate(() => nowMs);
  });
  const deny = (system: string, count: number) => {
    for (let n = 0; n < count; n += 1) gate.denied(system);
  };

  it('stays open for 20 denials a second, for as long as they come', () => {
    for (nowMs = 0; nowMs < 60_000; nowMs += 1_000) {
      deny('a', 20);
      assert.equal(gate.admits('a'), true);
    }
    assert.deepEqual(gate.drain(), []);
  });

  it('closes for 5 s at the twenty-first, for that system alone', () => {
    deny('a', 21);
    assert.equal(gate.admits('a'), false);
    assert.equal(gate.admits('b'), true);
    nowMs = 4_999;
    assert.equal(gate.admits('a'), false);
    nowMs = 5_000;
    assert.equal(gate.admits('a'), true);
  });

  it('counts each refusal in exactly one summary', () => {
    deny('a', 21);
    for (let n = 0; n < 7; n += 1) gate.admits('a');
    deny('b', 21);
    gate.admits('b');
    assert.deepEqual(gate.drain(), [
      { system: 'a', count: 7 },
      { system: 'b', count: 1 },
    ]);
    assert.deepEqual(gate.drain(), []);
    gate.admits('a');
    assert.deepEqual(gate.drain(), [{ system: 'a', count: 1 }]);
  });

  it('stays closed for a system when its summary is taken', () => {
    deny('a', 21);
    gate.drain();
    assert.equal(gate.admits('a'), false);
  });

  it('closes for the systems of an OPD that were denied something, when a hundred denials come from all of them', () => {
    for (let n = 0; n < 10; n += 1) deny(`DKK/PKM-${n}/simpus`, 11);
    assert.equal(gate.admits('DKK/PKM-0/simpus'), false);
    assert.equal(gate.admits('DKK/PUSAT/simpus'), true);
    assert.equal(gate.admits('DISDIK/PUSAT/sisfo'), true);
    assert.deepEqual(gate.drain(), [{ system: 'DKK/PKM-0/simpus', count: 1 }]);
    nowMs = 4_999;
    gate.drain();
    assert.equal(gate.admits('DKK/PKM-0/simpus'), false);
    nowMs = 5_000;
    assert.equal(gate.admits('DKK/PKM-0/simpus'), true);
  });

  it('lets an OPD that floods from many systems make few records', () => {
    let decided = 0;
    for (nowMs = 0; nowMs < 60_000; nowMs += 1) {
      const system = `DKK/PKM-${nowMs % 50}/simpus`;
      if (nowMs % 1_000 === 0) gate.drain();
      if (!gate.admits(system)) continue;
      decided += 1;
      gate.denied(system);
    }
    assert(decided <= 60 * 20 + 150, `${decided} decisions in a minute`);
  });

  it('lets a lasting flood make few records', () => {
    let decided = 0;
    for (nowMs = 0; nowMs < 60_000; nowMs += 1) {
      if (!gate.admits('a')) continue;
      decided += 1;
      gate.denied('a');
    }
    const refused = gate.drain()[0]?.count ?? 0;
    assert.equal(decided + refused, 60_000);
    assert(decided <= 60 * 5, `${decided} decisions in a minute`);
  });
});
