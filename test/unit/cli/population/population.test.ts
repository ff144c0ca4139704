import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { jsonLineOf } from '../../../../cli/population/json-lines.ts';
import { MAX_RESIDENTS, population } from '../../../../cli/population/population.ts';
import { validate } from '../../../../mesh/contract.ts';
import type { ImportRow } from '../../../../proto/gen/rangkiang/resident/v1/registry.ts';
import { Resident } from '../../../../proto/gen/rangkiang/resident/v1/resident.ts';
import { sampleCity } from './sample-city.ts';

function digestOf(rows: Iterable<ImportRow>): string {
  const hash = createHash('sha256');
  for (const row of rows) hash.update(jsonLineOf(row));
  return hash.digest('hex');
}

describe('population', () => {
  describe('rows', () => {
    it('keep the rules of the contract', () => {
      for (const { resident } of sampleCity().entries.slice(0, 3_000)) {
        validate('rangkiang.resident.v1.Resident', Resident.encode(resident).finish());
      }
    });

    it('have a NIK of their own, and no NIK is a family card number', () => {
      const { byNik, cards, entries } = sampleCity();
      assert.equal(byNik.size, entries.length);
      for (const card of cards.keys()) assert.ok(!byNik.has(card));
    });

    it('are exactly as many as asked for', () => {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 1, max: 60 }), (seed, residents) => {
          const rows = [...population(seed, residents)];
          assert.equal(rows.length, residents);
          assert.equal(new Set(rows.map(({ resident }) => resident?.nik)).size, residents);
        }),
        { numRuns: 30 },
      );
    });

    it('leave numbers for a city a hundred times as large', () => {
      const numbers = new Set<string>();
      let residents = 0;
      for (const { resident } of population(2017, MAX_RESIDENTS / 100)) {
        residents += 1;
        numbers.add(resident?.nik ?? '');
        // A sequence has 1,000 numbers, and what grows with the city grows in proportion.
        for (const number of [resident?.nik, resident?.nomorKk]) assert.ok(Number(number?.slice(12)) < 9_010, number);
      }
      assert.equal(numbers.size, residents);
    });

    it('refuse a size that numbers do not suffice for', () => {
      for (const residents of [0, -1, 1.5, MAX_RESIDENTS + 1]) {
        assert.throws(() => population(1, residents).next(), RangeError);
      }
    });
  });

  describe('a seed', () => {
    it('is a city, byte for byte', () => {
      assert.equal(digestOf(population(5, 3_000)), digestOf(population(5, 3_000)));
      assert.notEqual(digestOf(population(5, 3_000)), digestOf(population(6, 3_000)));
    });

    // Whoever changes what a seed gives, on purpose, raises CITY_VERSION and writes the new digest here.
    it('is the same city on every machine', () => {
      assert.equal(digestOf(population(1, 5_000)), '17b9130e68046cd4b23f75088ad5ef5dadcf6e479f58e1232ace55e0179ab778');
    });
  });
});
