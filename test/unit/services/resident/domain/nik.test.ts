import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { isNik } from '../../../../../services/resident/domain/nik.ts';

interface Vector {
  readonly nik: string;
  readonly why?: string;
}

const rules: { test_vectors_valid: Vector[]; test_vectors_invalid: Vector[] } = JSON.parse(
  readFileSync(new URL('../../../../../data/nik_rules.json', import.meta.url), 'utf8'),
);

describe('resident: the form of a NIK', () => {
  it('is that of the published examples', () => {
    for (const { nik } of rules.test_vectors_valid) assert.ok(isNik(nik), nik);
  });

  it('is not that of the published counterexamples, but any region may have issued it', () => {
    for (const { nik, why } of rules.test_vectors_invalid) assert.equal(isNik(nik), why?.includes('WARN'), why);
  });

  it('allows 29 February when either century has it', () => {
    assert.ok(isNik('1371012902009001'), '2000');
    assert.ok(isNik('1371012902969001'), '1996');
    assert.ok(!isNik('1371012902999001'), '1999 and 2099');
  });

  it('is 16 digits and nothing else', () => {
    for (const text of [
      '',
      '137101170890900',
      '13710117089090033',
      '137101170890900x',
      '1371011708909003\n',
      ' 371011708909003',
    ]) {
      assert.ok(!isNik(text), JSON.stringify(text));
    }
  });
});
