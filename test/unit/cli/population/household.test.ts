import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { BasicStatus } from '../../../../proto/gen/rangkiang/resident/v1/registry.ts';
import { between, type Entry, type SampleCity, Shdk, sampleCity, yearsBetween } from './sample-city.ts';

const MARRIED = 2;

describe('household', () => {
  let entries: SampleCity['entries'];
  let byNik: SampleCity['byNik'];
  let cards: SampleCity['cards'];
  let share: SampleCity['share'];
  before(() => {
    ({ entries, byNik, cards, share } = sampleCity());
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
      assert.ok(links > entries.length / 2);
    });

    it('live in households of their own as well as with their children', () => {
      const grownWithParentsElsewhere = ({ resident, age }: Entry) => {
        const mother = byNik.get(resident.nikIbu);
        return age > 20 && mother !== undefined && mother.resident.nomorKk !== resident.nomorKk;
      };
      between(share(grownWithParentsElsewhere), 0.01, 0.3);
    });
  });
});
