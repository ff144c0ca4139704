import { BasicStatus } from '../../proto/gen/rangkiang/resident/v1/registry.ts';
import { misspelt } from './anomalies.ts';
import { ageOf, civil } from './calendar.ts';
import { type City, settle } from './city.ts';
import { type Home, Marital, type Person, Relation } from './person.ts';

/** Share of grown single members who were registered a second time: about 0.3 % of all residents. */
const DOUBLED = 0.02;

/**
 * Second entries of members: they left home, were registered anew on a card of their own under another NIK by a
 * clerk who spelt their name otherwise, and nobody struck out the old entry.
 */
export function doublesOf(city: City, home: Home, members: readonly Person[]): Person[] {
  return members
    .filter(
      ({ status, birth, resident }) =>
        status === BasicStatus.HIDUP &&
        resident.shdk !== Relation.HEAD &&
        resident.statusKawin === Marital.SINGLE &&
        ageOf(birth) >= 18 &&
        city.random.chance(DOUBLED),
    )
    .map((member) => registeredAgain(city, home, member));
}

function registeredAgain(city: City, { community, religion }: Home, member: Person): Person {
  const { random, numbers } = city;
  const { familyCard, kecamatan, address } = settle(city, { community, religion });
  const nik = numbers.nik(kecamatan, civil(member.birth), member.female);
  const name = misspelt(random, member.name);
  return {
    ...member,
    nik,
    name,
    resident: {
      ...member.resident,
      nomorKk: familyCard,
      nik,
      namaLengkap: name,
      shdk: Relation.HEAD,
      nikIbu: undefined,
      nikAyah: undefined,
      alamatSebelumnya: member.resident.alamatSekarang,
      alamatSekarang: address,
    },
  };
}
