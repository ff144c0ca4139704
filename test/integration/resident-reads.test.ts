import assert from 'node:assert/strict';
import type { ServiceError } from '@grpc/grpc-js';
import { after, before, describe, it } from 'mocha';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import { BasicStatus } from '#gen/rangkiang/resident/v1/registry.ts';
import type { Resident } from '#gen/rangkiang/resident/v1/resident.ts';
import { ResidentServiceService as service } from '#gen/rangkiang/resident/v1/resident_service.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import type { Reason } from '#mesh/errors.ts';
import { Pipeline } from '#mesh/sql.ts';
import { fieldOf } from '../../services/resident/domain/elements.ts';
import { importRow, resident } from '../support/resident-rows.ts';
import { type ResidentService, startResidentService, wideGrant } from '../support/resident-service.ts';

const address = (kelurahan: string) => ({ jalan: 'JL. PONDOK', rt: '001', rw: '002', kelurahan, namaKelurahan: '' });

const mother = resident(1, { jenisKelamin: 2, shdk: 3, nomorKk: '1371010101000777' });
const father = resident(2, { shdk: 1, nomorKk: '1371010101000777', cacat: 1 });
const baby = resident(3, { shdk: 4, nomorKk: '1371010101000777', tanggalLahir: { year: 2020, month: 1, day: 5 } });
const student = resident(4, {
  shdk: 4,
  nomorKk: '1371010101000777',
  tanggalLahir: { year: 2004, month: 0, day: 0 },
  alamatSekarang: address('13.71.09.1001'),
});
const dead = resident(5, { nomorKk: '1371010101000777' });
const moved = resident(6);
const missing = resident(7);
// 18 on the day of the tests, and one day short of it.
const grown = resident(8, { tanggalLahir: { year: 2008, month: 2, day: 29 } });
const almost = resident(9, { tanggalLahir: { year: 2008, month: 3, day: 2 } });
const yearOnly = resident(10, { tanggalLahir: { year: 2008, month: 0, day: 0 } });
const dateless = resident(11, { tanggalLahir: { year: 0, month: 0, day: 0 } });
const complete = resident(12, {
  nik: '0102030405060708',
  golonganDarah: 4,
  agama: 1,
  statusKawin: 3,
  cacat: 7,
  pendidikanTerakhir: 8,
  pekerjaan: 89,
  nikIbu: '1371014101600001',
  namaIbu: 'IBU "KITA"',
  nikAyah: '0071010101550002',
  namaAyah: "AYAH {A,B} \\ 'N' NULL",
  alamatSebelumnya: { jalan: 'JL. LAMA', rt: '', rw: '010', kelurahan: '32.73.01.1001', namaKelurahan: '' },
  punyaAktaLahir: true,
  noAktaLahir: '1371-LT-0001',
  punyaAktaKawin: true,
  noAktaKawin: '12/2012',
  tanggalKawin: { year: 2012, month: 6, day: 0 },
  punyaAktaCerai: false,
  noAktaCerai: '7',
  tanggalCerai: { year: 2020, month: 0, day: 0 },
});

describe('resident: reads under a grant', () => {
  let running: ResidentService;

  before(async () => {
    running = await startResidentService();
    const answer = await running.enter([
      ...[mother, father, baby, student, moved, missing, grown, almost, yearOnly, dateless, complete].map((person) =>
        importRow({ resident: person, status: statusOf(person) }),
      ),
      importRow({ resident: dead, status: BasicStatus.MATI }),
    ]);
    assert.deepEqual(answer.errors, []);
  });
  after(() => running.stop());

  function statusOf(person: Resident): BasicStatus {
    if (person === moved) return BasicStatus.PINDAH;
    return person === missing ? BasicStatus.HILANG : BasicStatus.HIDUP;
  }

  function get(person: Resident, grant: Partial<Grant> = {}, elements: Element[] = []) {
    return running.call(service.getResident, { nik: person.nik ?? '', elements }, { ...wideGrant, ...grant });
  }

  function family(key: { nik: string } | { nomorKk: string }, grant: Partial<Grant> = {}) {
    const asked =
      'nik' in key ? ({ $case: 'nik', value: key.nik } as const) : ({ $case: 'nomorKk', value: key.nomorKk } as const);
    return running.call(service.getFamily, { key: asked, elements: [] }, { ...wideGrant, ...grant });
  }

  async function refusalOf(call: Promise<unknown>): Promise<Error> {
    try {
      await call;
    } catch (error) {
      return error as Error;
    }
    throw new Error('the call was answered');
  }

  const refused = (reason: Reason) => ({ reason });

  it('gives back every element as it was imported', async () => {
    const { answer } = await get(complete);
    const named = { ...complete, alamatSekarang: { ...address('13.71.01.1001'), jalan: 'JL. PONDOK NO. 1' } };
    assert.deepEqual(answer.resident, {
      ...named,
      alamatSekarang: { ...named.alamatSekarang, namaKelurahan: 'Belakang Pondok' },
    });
  });

  it('gives each granted element alone, and nothing beside it', async () => {
    for (const [element, field] of fieldOf) {
      const { answer } = await get(complete, { elements: [element] });
      const present = Object.entries(answer.resident ?? {}).filter(([, value]) => value !== undefined);
      assert.deepEqual(
        present.map(([name]) => name),
        [field],
      );
    }
  });

  it('gives the asked elements only, and refuses one that is not granted', async () => {
    const grant = { elements: [Element.NAMA_LENGKAP, Element.AGAMA] };
    const { answer } = await get(complete, grant, [Element.AGAMA]);
    assert.equal(answer.resident?.agama, 1);
    assert.equal(answer.resident?.namaLengkap, undefined);
    await assert.rejects(get(complete, grant, [Element.AGAMA, Element.NIK]), refused('ELEMENT_NOT_GRANTED'));
  });

  it('gives disability only with its own flag', async () => {
    const { answer } = await get(father, { disability: false });
    assert.equal(answer.resident?.cacat, undefined);
    assert.equal((await get(father)).answer.resident?.cacat, 1);
    await assert.rejects(get(father, { disability: false }, [Element.CACAT]), refused('ELEMENT_NOT_GRANTED'));
  });

  it('gives nothing when the grant has no element, no region or no rows', async () => {
    await assert.rejects(get(father, { elements: [] }), refused('ELEMENT_NOT_GRANTED'));
    await assert.rejects(get(father, { regions: [] }), refused('REGION_NOT_GRANTED'));
    await assert.rejects(get(father, { rowCap: 0 }), refused('ROW_CAP_EXCEEDED'));
  });

  it('finds a resident by the region of the current address, at every level', async () => {
    for (const region of ['13.71', '13.71.09', '13.71.09.1001']) {
      const { answer } = await get(student, { regions: ['13.71.02', region] });
      assert.equal(answer.resident?.nik, student.nik);
    }
    for (const region of ['13.71.01', '13.71.10', '13.71.09.1002', '13.71.09.1000']) {
      await assert.rejects(get(student, { regions: [region] }), refused('RESIDENT_NOT_FOUND'));
    }
  });

  it('answers alike for whoever is not on record, outside, a child, dead, moved or missing', async () => {
    const errors = await Promise.all(
      [
        get(resident(99)),
        get(student, { regions: ['13.71.01'] }),
        get(baby, { children: false }),
        get(dead),
        get(moved),
        get(missing),
      ].map(refusalOf),
    );
    const told = errors.map(({ message, cause }) => ({ message, cause: (cause as Error | undefined)?.message }));
    assert.deepEqual(new Set(told.map((error) => JSON.stringify(error))).size, 1);
    assert.equal(told[0]?.message, 'RESIDENT_NOT_FOUND');
  });

  describe('about whoever it may not tell of', () => {
    const statements: string[] = [];
    const { query } = Pipeline.prototype;
    before(() => {
      Pipeline.prototype.query = function (statement, values) {
        statements.push(statement.name);
        return query.call(this, statement, values) as never;
      };
    });
    after(() => {
      Pipeline.prototype.query = query;
    });

    type Ask = (person: Resident, grant: Partial<Grant>) => Promise<unknown>;
    const claims = { ...resident(1), nik: undefined, nomorKk: undefined };
    const asks: Record<string, Ask> = {
      GetResident: get,
      VerifyResident: ({ nik = '' }, grant) =>
        running.call(service.verifyResident, { nik, claims }, { ...wideGrant, ...grant }),
      'GetFamily by NIK': ({ nik = '' }, grant) => family({ nik }, grant),
    };
    const nobody = { nomorKk: '1371010101999999' };
    const household = { nomorKk: '1371010101000777' };

    /** All that leaves of one refused call, and what it cost: statements and records. */
    async function traceOf(call: () => Promise<unknown>) {
      statements.length = 0;
      const recorded = running.log.leaves.length;
      const { message, cause } = await refusalOf(call());
      const { code, details, metadata } = cause as ServiceError;
      const told = metadata.getMap();
      const leaf = running.log.leaves.at(-1);
      // Who was sought lies sealed; its size would tell as well.
      const entry = running.log.entries.at(-1);
      return {
        told: [message, code, details, String(told['grpc-status-details-bin'])],
        beside: Object.keys(told).sort(),
        statements: [...statements],
        records: running.log.leaves.length - recorded,
        record: [leaf?.kind, leaf?.reason, leaf?.rows, leaf?.elements, leaf?.subjectCount, entry?.subjects.length],
        sealedBytes: entry?.context.length,
      };
    }

    for (const [method, ask] of Object.entries(asks)) {
      it(`says the same, does the same work and records the same, whatever the reason: ${method}`, async () => {
        const unknown = await traceOf(() => ask(resident(99), {}));
        assert.equal(unknown.told[0], 'RESIDENT_NOT_FOUND');
        assert.deepEqual([unknown.statements.length, unknown.records], [1, 1]);
        assert.deepEqual(unknown.beside.includes('rangkiang-rows'), false);
        for (const [person, grant] of [
          [student, { regions: ['13.71.01'] }],
          [baby, { children: false }],
          [dead, {}],
          [moved, {}],
          [missing, {}],
        ] as const) {
          assert.deepEqual(await traceOf(() => ask(person, grant as Partial<Grant>)), unknown, person.nik);
        }
      });
    }

    it('says the same, does the same work and records the same, whatever the reason: GetFamily by KK', async () => {
      const unknown = await traceOf(() => family(nobody));
      assert.deepEqual([unknown.told[0], unknown.statements.length], ['RESIDENT_NOT_FOUND', 1]);
      assert.deepEqual(await traceOf(() => family(household, { regions: ['13.71.05'] })), unknown);
    });

    it('does no work at all where nothing is granted, whoever is asked for', async () => {
      for (const grant of [{ elements: [] }, { regions: [] }, { rowCap: 0 }]) {
        const [known, unknown] = [
          await traceOf(() => get(father, grant)),
          await traceOf(() => get(resident(99), grant)),
        ];
        assert.deepEqual(known, unknown);
        assert.deepEqual(known.statements, []);
      }
    });
  });

  it('takes no element that does not exist, comes twice, or has another one in its last bits', async () => {
    for (const asked of [[99], [34], [0], [-30], [2, 2]]) {
      await assert.rejects(get(father, {}, asked as Element[]), refused('REQUEST_INVALID'), String(asked));
    }
    for (const granted of [[99], [34], [0], [-30], [Element.SIDIK_JARI, Element.AIB]]) {
      await assert.rejects(get(father, { elements: granted as Element[] }), refused('ELEMENT_NOT_GRANTED'));
    }
    const { answer } = await get(father, { elements: [34, Element.AGAMA] as Element[] });
    assert.equal(answer.resident?.nik, undefined);
  });

  it('takes whoever may be under 18 today for a child', async () => {
    const grant = { children: false };
    await get(grown, grant);
    await get(student, grant);
    for (const child of [almost, yearOnly, dateless]) {
      await assert.rejects(get(child, grant), refused('RESIDENT_NOT_FOUND'));
      await get(child);
    }
  });

  it('keeps the calls of one turn apart: each under its own grant', async () => {
    const grants = [
      { elements: [Element.NAMA_LENGKAP], regions: ['13.71.01'] },
      { elements: [Element.NIK], regions: ['13.71.09'] },
      { elements: [Element.TANGGAL_LAHIR], regions: ['13.71'], children: false },
    ];
    const people = [mother, student, baby];
    const calls = Array.from({ length: 300 }, (_, i) => ({
      grant: grants[i % 3],
      person: people[Math.floor(i / 3) % 3],
    }));
    const answers = await Promise.all(
      calls.map(({ grant, person }) =>
        get(person as Resident, grant).then(
          ({ answer }) => answer.resident,
          () => undefined,
        ),
      ),
    );
    for (const [i, answer] of answers.entries()) {
      const { grant, person } = calls[i] as { grant: (typeof grants)[0]; person: Resident };
      const here = grant.regions.some((region) => person.alamatSekarang?.kelurahan.startsWith(region));
      const visible = here && (person !== baby || grant.children !== false);
      const field = fieldOf.get(grant.elements[0] as Element) as keyof Resident;
      const present = Object.entries(answer ?? {}).filter(([, value]) => value !== undefined);
      assert.deepEqual(present, visible ? [[field, person[field]]] : []);
    }
  });

  it('records what left, whose it was, or what was searched for', async () => {
    const found = await get(father, { elements: [Element.NIK, Element.SHDK] });
    const disclosed = running.log.leaves[Number(found.auditIndex)];
    assert.deepEqual(
      [
        disclosed?.kind,
        disclosed?.elements,
        disclosed?.rows,
        disclosed?.subjectCount,
        disclosed?.contextCommitment.length,
      ],
      [Kind.DISCLOSED, [Element.NIK, Element.SHDK], 1, 1, 0],
    );
    await assert.rejects(get(resident(99)));
    const empty = running.log.leaves.at(-1);
    assert.deepEqual(
      [empty?.kind, empty?.elements, empty?.rows, empty?.subjectCount, empty?.contextCommitment.length],
      [Kind.EMPTY, [], 0, 0, 32],
    );
  });

  it('shows the members of a household in the scope, head first', async () => {
    const { answer, auditIndex } = await family({ nik: mother.nik ?? '' });
    assert.deepEqual(
      answer.members.map(({ nik }) => nik),
      [father, mother, baby, student].map(({ nik }) => nik),
    );
    assert.deepEqual(await family({ nomorKk: '1371010101000777' }).then(({ answer: byKk }) => byKk), answer);
    assert.equal(running.log.leaves[Number(auditIndex)]?.subjectCount, 4);
  });

  it('filters each member by region and age on its own', async () => {
    const key = { nomorKk: '1371010101000777' };
    const adults = await family(key, { children: false, elements: [Element.NAMA_LENGKAP] });
    assert.deepEqual(
      adults.answer.members.map(({ namaLengkap }) => namaLengkap),
      ['WARGA 2', 'WARGA 1', 'WARGA 4'],
    );
    const elsewhere = await family(key, { regions: ['13.71.09'] });
    assert.deepEqual(
      elsewhere.answer.members.map(({ nik }) => nik),
      [student.nik],
    );
    await assert.rejects(family(key, { regions: ['13.71.05'] }), refused('RESIDENT_NOT_FOUND'));
    await assert.rejects(family({ nomorKk: '1371010101999999' }), refused('RESIDENT_NOT_FOUND'));
  });

  it('does not find a household by somebody who is not in the scope', async () => {
    await assert.rejects(family({ nik: student.nik ?? '' }, { regions: ['13.71.01'] }), refused('RESIDENT_NOT_FOUND'));
    await assert.rejects(family({ nik: baby.nik ?? '' }, { children: false }), refused('RESIDENT_NOT_FOUND'));
    await assert.rejects(family({ nik: dead.nik ?? '' }), refused('RESIDENT_NOT_FOUND'));
  });

  it('refuses a household with more members than the grant lets out', async () => {
    const key = { nomorKk: '1371010101000777' };
    await assert.rejects(family(key, { rowCap: 3 }), refused('ROW_CAP_EXCEEDED'));
    assert.equal(running.log.leaves.at(-1)?.kind, Kind.FAILED);
    assert.equal((await family(key, { rowCap: 4 })).answer.members.length, 4);
  });
});
