import { BasicStatus } from '../../proto/gen/rangkiang/resident/v1/registry.ts';
import type { Address, Resident } from '../../proto/gen/rangkiang/resident/v1/resident.ts';
import { assumed, forgotten, registered, UNKNOWN_DATE, UNKNOWN_FROM_AGE } from './anomalies.ts';
import { ageOf, civil, type Day } from './calendar.ts';
import { birthCertificate, type Deed } from './certificates.ts';
import type { City } from './city.ts';
import type { Community } from './communities.ts';
import { bloodGroup, disability } from './health.ts';
import type { Origin } from './regions.ts';
import { schooling } from './schooling.ts';
import { occupation } from './work.ts';

/** Codes of the list shdk: what a member is to the head of the household. */
export const Relation = {
  HEAD: 1,
  HUSBAND: 2,
  WIFE: 3,
  CHILD: 4,
  CHILD_IN_LAW: 5,
  GRANDCHILD: 6,
  PARENT: 7,
  PARENT_IN_LAW: 8,
  RELATIVE: 9,
  SERVANT: 10,
  OTHER: 11,
} as const;

/** Codes of the list status_kawin. */
export const Marital = { SINGLE: 1, MARRIED: 2, DIVORCED: 3, WIDOWED: 4 } as const;

/** A marriage as one of the two has it. */
export interface Union {
  readonly status: 2 | 3 | 4;
  readonly marriage: Deed;
  readonly divorce?: Deed;
}

/** Mother or father: always a name, a NIK only when the person is in the register. */
export interface Parent {
  readonly name: string;
  readonly nik?: string;
  readonly familyName?: string;
}

/** Mother and father. */
export interface Parents {
  readonly mother: Parent;
  readonly father: Parent;
}

/** What the members of a household share. */
export interface Home {
  readonly familyCard: string;
  readonly community: Community;
  readonly religion: number;
  readonly kecamatan: Origin;
  readonly address: Address;
  /** The move to this address, if there was one. */
  readonly arrival?: { readonly day: Day; readonly address: Address; readonly origin: Origin };
}

/** One person of the synthetic city. */
export interface Person extends Parent {
  readonly nik: string;
  readonly female: boolean;
  readonly birth: Day;
  readonly resident: Resident;
  status: BasicStatus;
}

/** What is decided about a person before the rest is drawn. */
export interface Sketch {
  readonly female: boolean;
  readonly birth: Day;
  readonly relation: number;
  readonly parents: Parents;
  readonly union?: Union;
  readonly status?: BasicStatus;
}

/** Parents who live elsewhere or are dead: names only. */
export function absentParents({ random, names }: City, { community }: Home, childBirth: Day): Parents {
  const parent = (female: boolean): Parent => {
    const familyName = names.family(random, community);
    const birth = childBirth - random.between(7_500, 13_000);
    return { name: names.full(random, community, female, birth, familyName), familyName };
  };
  return { mother: parent(true), father: parent(false) };
}

/** Where somebody was first registered; the NIK and mostly the place of birth come from there. */
function originOf({ random, regions }: City, home: Home, birth: Day): Origin {
  if (home.arrival && birth < home.arrival.day && random.chance(0.85)) return home.arrival.origin;
  const adult = ageOf(birth) >= 18;
  const point = random.next();
  if (point < (adult ? 0.76 : 0.94)) return home.kecamatan;
  return point < (adult ? 0.9 : 0.98) ? regions.kecamatan.pick(random) : regions.elsewhere.pick(random);
}

/** Draws everything about a person that the sketch leaves open. */
export function createPerson(city: City, home: Home, sketch: Sketch): Person {
  const { random, names, numbers, regions } = city;
  const { female, birth, relation, parents, union } = sketch;
  const age = ageOf(birth);
  const origin = originOf(city, home, birth);
  const date = civil(birth);
  const known = age >= UNKNOWN_FROM_AGE && random.chance(UNKNOWN_DATE) ? forgotten(random, date) : date;
  const written = registered(random, { birth: assumed(known), female });
  const nik = numbers.nik(origin, written.birth, written.female);
  const familyName = parents[home.community.lineage].familyName;
  const name = names.full(random, home.community, female, birth, familyName);
  const highestSchool = schooling(random, age, female);
  const certificate = birthCertificate(random, birth);
  return {
    nik,
    name,
    familyName,
    female,
    birth,
    status: sketch.status ?? BasicStatus.HIDUP,
    resident: {
      nomorKk: home.familyCard,
      nik,
      namaLengkap: name,
      jenisKelamin: female ? 2 : 1,
      tempatLahir: random.chance(0.93) ? origin.town : regions.elsewhere.pick(random).town,
      tanggalLahir: known,
      golonganDarah: bloodGroup(random),
      agama: home.religion,
      statusKawin: union?.status ?? Marital.SINGLE,
      shdk: relation,
      cacat: disability(random),
      pendidikanTerakhir: highestSchool,
      pekerjaan: occupation(random, {
        age,
        female,
        married: union !== undefined,
        religion: home.religion,
        schooling: highestSchool,
      }),
      nikIbu: parents.mother.nik,
      namaIbu: parents.mother.name,
      nikAyah: parents.father.nik,
      namaAyah: parents.father.name,
      alamatSebelumnya: home.arrival && birth < home.arrival.day ? home.arrival.address : undefined,
      alamatSekarang: home.address,
      punyaAktaLahir: certificate !== undefined,
      noAktaLahir: certificate,
      punyaAktaKawin: union?.marriage.number !== undefined,
      noAktaKawin: union?.marriage.number,
      tanggalKawin: union && civil(union.marriage.day),
      punyaAktaCerai: union?.divorce?.number !== undefined,
      noAktaCerai: union?.divorce?.number,
      tanggalCerai: union?.divorce && civil(union.divorce.day),
    },
  };
}
