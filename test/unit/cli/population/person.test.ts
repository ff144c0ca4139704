import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import type { Resident } from '../../../../proto/gen/rangkiang/resident/v1/resident.ts';
import { between, type SampleCity, sampleCity } from './sample-city.ts';

describe('the people of a city', () => {
  let entries: SampleCity['entries'];
  let cards: SampleCity['cards'];
  let share: SampleCity['share'];
  before(() => {
    ({ entries, cards, share } = sampleCity());
  });

  it('go to school and to work by their age', () => {
    for (const { resident, age } of entries) {
      const { pendidikanTerakhir: schooling = 0, pekerjaan: work = 0, statusKawin } = resident;
      if (age < 5) assert.equal(schooling, 1);
      if (age < 12) assert.ok(schooling <= 2);
      if (age < 17) assert.ok(schooling <= 4);
      if (age < 18.5) assert.equal(statusKawin, 1);
      if (age < 6) assert.equal(work, 1);
      if (age >= 7 && age < 18) assert.ok(work === 1 || work === 3);
      if (work === 72 || work === 64) assert.ok(schooling >= 8, 'doctors and lecturers hold a degree');
    }
  });

  it('are as old, and as often men and women, as in the city', () => {
    between(
      share(({ resident }) => resident.jenisKelamin === 1),
      0.48,
      0.52,
    );
    between(
      share(({ age }) => age < 15),
      0.2,
      0.28,
    );
    between(
      share(({ age }) => age >= 15 && age < 65),
      0.65,
      0.74,
    );
    between(
      share(({ age }) => age >= 65),
      0.04,
      0.09,
    );
    between(
      share(({ age }) => age >= 90),
      0.0001,
      0.005,
    );
  });

  it('live in all kelurahan, most of them in the three large kecamatan', () => {
    const kelurahan = new Set(entries.map(({ resident }) => resident.alamatSekarang?.kelurahan));
    assert.equal(kelurahan.size, 104);
    const kecamatan = new Map<string, number>();
    for (const { resident } of entries) {
      const code = resident.alamatSekarang?.kelurahan.slice(0, 8) ?? '';
      kecamatan.set(code, (kecamatan.get(code) ?? 0) + 1);
    }
    const largest = [...kecamatan].toSorted((a, b) => b[1] - a[1]).map(([code]) => code);
    assert.deepEqual(largest.slice(0, 3), ['13.71.11', '13.71.09', '13.71.06']);
  });

  it('are of every religion, blood group and relation, in plausible shares', () => {
    between(
      share(({ resident }) => resident.agama === 1),
      0.955,
      0.98,
    );
    for (const [field, last] of [
      ['agama', 7],
      ['shdk', 11],
      ['status_kawin', 4],
      ['pendidikan_terakhir', 10],
    ] as const) {
      const name = field.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()) as keyof Resident;
      const met = new Set(entries.map(({ resident }) => resident[name]));
      assert.equal(met.size, last, field);
    }
    between(
      share(({ resident }) => resident.golonganDarah === 13),
      0.5,
      0.65,
    );
    between(
      share(({ resident }) => resident.cacat !== 7),
      0.004,
      0.008,
    );
    between(
      share(({ resident }) => resident.nik?.startsWith('1371') === false),
      0.08,
      0.25,
    );
    between(
      share(({ resident }) => resident.alamatSebelumnya?.kelurahan.startsWith('13.71') === false),
      0.05,
      0.2,
    );
    between(entries.length / cards.size, 3, 4.5);
  });
});
