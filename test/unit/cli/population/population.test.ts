import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { before, describe, it } from 'mocha';
import { AS_OF, type Day, dayOf, YEAR } from '../../../../cli/population/calendar.ts';
import { jsonLineOf } from '../../../../cli/population/json-lines.ts';
import { MAX_RESIDENTS, population } from '../../../../cli/population/population.ts';
import { validate } from '../../../../mesh/contract.ts';
import { BasicStatus, type ImportRow } from '../../../../proto/gen/rangkiang/resident/v1/registry.ts';
import { Resident } from '../../../../proto/gen/rangkiang/resident/v1/resident.ts';
import { checkRow } from './row-rules.ts';

const RESIDENTS = 60_000;
const Shdk = { head: 1, husband: 2, wife: 3, child: 4, inLaw: 5, grandchild: 6, elders: [7, 8] };
const MARRIED = 2;

interface Entry {
  readonly resident: Resident;
  readonly status: BasicStatus;
  /** Birth, mid-year where only the year is known. */
  readonly birth: Day;
  readonly age: number;
}

function birthOf({ tanggalLahir }: Resident): Day {
  assert.ok(tanggalLahir);
  return dayOf(tanggalLahir.year, tanggalLahir.month || 7, tanggalLahir.day || 1);
}

function yearsBetween(one: Day, other: Day): number {
  return (other - one) / YEAR;
}

function digestOf(rows: Iterable<ImportRow>): string {
  const hash = createHash('sha256');
  for (const row of rows) hash.update(jsonLineOf(row));
  return hash.digest('hex');
}

describe('population', () => {
  const entries: Entry[] = [];
  const byNik = new Map<string, Entry>();
  const cards = new Map<string, Entry[]>();

  before(() => {
    for (const row of population(1, RESIDENTS)) {
      const resident = checkRow(row);
      const birth = birthOf(resident);
      const entry = { resident, status: row.status, birth, age: yearsBetween(birth, AS_OF) };
      assert.equal(row.line, BigInt(entries.push(entry)));
      byNik.set(resident.nik as string, entry);
      const card = cards.get(resident.nomorKk as string);
      if (card) card.push(entry);
      else cards.set(resident.nomorKk as string, [entry]);
    }
  });

  function share(predicate: (entry: Entry) => boolean): number {
    return entries.filter(predicate).length / entries.length;
  }

  function between(value: number, least: number, most: number): void {
    assert.ok(value >= least && value <= most, `${value} is not between ${least} and ${most}`);
  }

  describe('rows', () => {
    it('keep the rules of the contract', () => {
      for (const { resident } of entries.slice(0, 3_000)) {
        validate('rangkiang.resident.v1.Resident', Resident.encode(resident).finish());
      }
    });

    it('have a NIK of their own, and no NIK is a family card number', () => {
      assert.equal(byNik.size, RESIDENTS);
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

    it('have a NIK of their own in a larger city too', () => {
      const numbers = Float64Array.from(population(2017, 200_000), ({ resident }) => Number(resident?.nik)).sort();
      for (let i = 1; i < numbers.length; i += 1) assert.notEqual(numbers[i], numbers[i - 1]);
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
      assert.equal(digestOf(population(1, 5_000)), '66bff1e3a1a76a45c9411ed023aef7e849f5eb6110679c7f4ec72485fe60399e');
    });
  });

  describe('households', () => {
    it('have one head, who comes first, one address and one religion', () => {
      for (const members of cards.values()) {
        assert.equal(members[0]?.resident.shdk, Shdk.head);
        assert.equal(members.filter(({ resident }) => resident.shdk === Shdk.head).length, 1);
        for (const { resident } of members) {
          assert.deepEqual(resident.alamatSekarang, members[0]?.resident.alamatSekarang);
          assert.equal(resident.agama, members[0]?.resident.agama);
        }
      }
    });

    it('have couples with one wedding', () => {
      let couples = 0;
      for (const members of cards.values()) {
        const head = members[0] as Entry;
        const spouse = members.find(({ resident }) => resident.shdk === Shdk.wife || resident.shdk === Shdk.husband);
        if (head.resident.statusKawin === MARRIED && head.status !== BasicStatus.MATI) {
          assert.ok(spouse && spouse.status !== BasicStatus.MATI && spouse.resident.statusKawin === MARRIED);
        }
        if (!spouse) continue;
        couples += 1;
        assert.notEqual(spouse.resident.jenisKelamin, head.resident.jenisKelamin);
        assert.deepEqual(spouse.resident.tanggalKawin, head.resident.tanggalKawin);
        assert.equal(spouse.resident.noAktaKawin, head.resident.noAktaKawin);
        assert.notEqual(spouse.resident.nikIbu ?? spouse.resident.nik, head.resident.nikIbu, 'no sister was wed');
      }
      assert.ok(couples > 10_000);
    });

    it('have children of head and spouse, and grandchildren of their children', () => {
      for (const members of cards.values()) {
        const numbersOf = (...relations: number[]) =>
          new Set(members.filter((m) => relations.includes(m.resident.shdk ?? 0)).map((m) => m.resident.nik));
        const heads = numbersOf(Shdk.head, Shdk.husband, Shdk.wife);
        const children = numbersOf(Shdk.child, Shdk.inLaw);
        for (const { resident } of members) {
          const { nikIbu, nikAyah } = resident;
          if (resident.shdk === Shdk.child) assert.ok(heads.has(nikIbu) || heads.has(nikAyah));
          if (resident.shdk === Shdk.grandchild) assert.ok(children.has(nikIbu) && children.has(nikAyah));
        }
      }
    });

    it('have elders who are parents of head or spouse', () => {
      for (const members of cards.values()) {
        for (const { resident } of members) {
          if (!Shdk.elders.includes(resident.shdk ?? 0)) continue;
          assert.ok(members.some((m) => m.resident.nikIbu === resident.nik || m.resident.nikAyah === resident.nik));
        }
      }
    });
  });

  describe('parents', () => {
    it('are on record where a NIK says so, with that name, the right sex and age', () => {
      let links = 0;
      for (const { resident, birth } of entries) {
        for (const [nik, name, sex] of [
          [resident.nikIbu, resident.namaIbu, 2],
          [resident.nikAyah, resident.namaAyah, 1],
        ] as const) {
          if (nik === undefined) continue;
          links += 1;
          const parent = byNik.get(nik);
          assert.ok(parent);
          assert.equal(parent.resident.namaLengkap, name);
          assert.equal(parent.resident.jenisKelamin, sex);
          // Half a year for births of which only the year is known, on either side.
          between(yearsBetween(parent.birth, birth), 18.5, sex === 2 ? 45.1 : 75);
        }
      }
      assert.ok(links > RESIDENTS / 2);
    });

    it('live in households of their own as well as with their children', () => {
      const grownWithParentsElsewhere = ({ resident, age }: Entry) => {
        const mother = byNik.get(resident.nikIbu ?? '');
        return age > 20 && mother !== undefined && mother.resident.nomorKk !== resident.nomorKk;
      };
      between(share(grownWithParentsElsewhere), 0.01, 0.3);
    });
  });

  describe('people', () => {
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

  describe('anomalies', () => {
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
});
