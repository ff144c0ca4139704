import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { BasicStatus } from '../../../../proto/gen/rangkiang/resident/v1/registry.ts';
import { between, type Entry, type SampleCity, Shdk, sampleCity } from './sample-city.ts';

describe('the faults that a city has like any register', () => {
  let entries: SampleCity['entries'];
  let cards: SampleCity['cards'];
  let share: SampleCity['share'];
  before(() => {
    ({ entries, cards, share } = sampleCity());
  });

  it('NIK that disagree with the birth date or the sex', () => {
    const disagrees = ({ resident }: Entry) => {
      const { nik = '', tanggalLahir: date, jenisKelamin } = resident;
      const day = Number(nik.slice(6, 8));
      return (
        day > 40 !== (jenisKelamin === 2) ||
        (date?.day !== 0 && day % 40 !== date?.day) ||
        (date?.month !== 0 && Number(nik.slice(8, 10)) !== date?.month) ||
        Number(nik.slice(10, 12)) !== (date?.year ?? 0) % 100
      );
    };
    between(share(disagrees), 0.003, 0.007);
  });

  it('doubles: one person under two NIK, the name spelt otherwise', () => {
    const people = new Map<string, Entry[]>();
    for (const entry of entries) {
      const { tanggalLahir: date, jenisKelamin, namaIbu, namaAyah } = entry.resident;
      const key = `${date?.year}-${date?.month}-${date?.day} ${jenisKelamin} ${namaIbu} ${namaAyah}`;
      people.set(key, [...(people.get(key) ?? []), entry]);
    }
    const doubles = [...people.values()].filter(
      (same) => same.length === 2 && same[0]?.resident.nomorKk !== same[1]?.resident.nomorKk,
    );
    between(doubles.length / entries.length, 0.001, 0.006);
    for (const [one, other] of doubles) assert.notEqual(one?.resident.namaLengkap, other?.resident.namaLengkap);
  });

  it('twins, who are no doubles', () => {
    const twins = [...cards.values()].filter((members) => {
      const births = members.filter((m) => m.resident.shdk === Shdk.child).map((m) => m.birth);
      return new Set(births).size < births.length;
    });
    assert.ok(twins.length > 50);
  });

  it('the dead, those who moved away, and a few who are missing', () => {
    between(
      share(({ status }) => status === BasicStatus.MATI),
      0.008,
      0.03,
    );
    between(
      share(({ status }) => status === BasicStatus.PINDAH),
      0.01,
      0.04,
    );
    between(
      share(({ status }) => status === BasicStatus.HILANG),
      0.00001,
      0.001,
    );
  });

  it('birth dates of old people of which only the year, or year and month, is known', () => {
    const unknown = entries.filter(({ resident }) => resident.tanggalLahir?.day === 0);
    between(unknown.length / entries.length, 0.003, 0.015);
    for (const { age } of unknown) assert.ok(age > 59);
    assert.ok(unknown.some(({ resident }) => resident.tanggalLahir?.month !== 0));
  });
});
