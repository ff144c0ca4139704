import assert from 'node:assert/strict';
import fc from 'fast-check';
import { after, before, describe, it } from 'mocha';
import { Kind, type Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { ListAccessesRequest, ListAccessesResponse } from '#gen/rangkiang/audit/v1/subject.ts';
import { SubjectServiceService } from '#gen/rangkiang/audit/v1/subject_service.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';
import type { AppendClient } from '#mesh/append-client.ts';
import type { Channel } from '#mesh/client.ts';
import { verifierOf } from '#mesh/tlog/note.ts';
import { checkReceipt } from '../../cli/audit/check-receipt.ts';
import { someEntry } from '../support/audit-entries.ts';
import { type AuditService, disdukcapilCall, securityCall, startAuditService } from '../support/audit-service.ts';

const PERMIT = '3f0c2f0e-6f0b-4c57-9d5c-0f0f0f0f0f0f';
const NIK = '1371010101010001';
const RELATIVE = '1371010101010002';
const METHOD = '/rangkiang.resident.v1.ResidentService';
const DAY_US = 86_400_000_000n;
const nowUs = BigInt(Date.now()) * 1_000n;

describe('who looked at my data', function () {
  this.timeout(60_000);
  let audit: AuditService;
  let client: AppendClient;
  let channel: Channel;

  before(async () => {
    audit = await startAuditService();
    client = audit.client('broker');
    channel = await audit.broker();
  });

  after(() => audit.stop());

  const look = async (changes: Partial<Leaf>, subjects: string[], context = {}) =>
    (await client.append(someEntry({ permit: PERMIT, ...changes }, subjects, context), 20_000)).index;

  function list(request: Partial<ListAccessesRequest>, call = disdukcapilCall()): Promise<ListAccessesResponse> {
    const whole = { nik: NIK, pageSize: 0, pageToken: '', receipts: false, ...request };
    return channel.unary(SubjectServiceService.listAccessesAtCounter, whole, { metadata: call.metadata });
  }

  /** All pages. Each page but the last is full, and its look at the data is not in the pages after it. */
  async function pages(nik: string, pageSize: number): Promise<bigint[][]> {
    const found: bigint[][] = [];
    let pageToken = '';
    do {
      const page = await list({ nik, pageSize, pageToken });
      found.push(page.accesses.map(({ index }) => index));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    return found;
  }

  it('tells time, OPD, unit, purpose, legal basis, elements and permit of each look, newest first, and no operator', async () => {
    const elements = [Element.NIK, Element.NAMA_LENGKAP];
    const first = await look({ elements, purpose: Purpose.PELAYANAN_PUBLIK }, [NIK], { operator: 'Rahmi Fitri' });
    const second = await look({ opd: 'DINSOS', unit: 'PUSAT', purpose: Purpose.ALOKASI_ANGGARAN }, [NIK]);
    const answer = await list({});
    assert.deepEqual(answer, {
      nextPageToken: '',
      accesses: [
        {
          ...{ index: second, time: new Date(1_790_000_000_000), opd: 'DINSOS', unit: 'PUSAT', elements: [] },
          ...{ purpose: Purpose.ALOKASI_ANGGARAN, legalBasis: 'UU 24/2013 Pasal 58 ayat (4) huruf c' },
          ...{ permit: PERMIT, method: `${METHOD}/GetResident`, receipt: undefined },
        },
        {
          ...{ index: first, time: new Date(1_790_000_000_000), opd: 'DKK', unit: 'PKM-LUBUK-BUAYA', elements },
          ...{ purpose: Purpose.PELAYANAN_PUBLIK, legalBasis: 'UU 24/2013 Pasal 58 ayat (4) huruf a' },
          ...{ permit: PERMIT, method: `${METHOD}/GetResident`, receipt: undefined },
        },
      ],
    });
    const stated = 'Perwali 12/2024 Pasal 3';
    const third = await look({ purpose: Purpose.PELAYANAN_PUBLIK, legalBasis: stated }, [NIK]);
    const [newest, ...older] = (await list({})).accesses.filter(({ opd }) => opd !== 'DISDUKCAPIL');
    assert.deepEqual([newest?.index, newest?.legalBasis], [third, stated]);
    assert.deepEqual(older, answer.accesses);
    assert.equal(JSON.stringify(answer, (_, value) => `${value}`).includes('Rahmi'), false);
  });

  it('lists the look at this list itself, the next time', async () => {
    const nik = '1371010101010009';
    const { metadata, callId } = disdukcapilCall();
    assert.deepEqual((await list({ nik }, { metadata, callId })).accesses, []);
    const { accesses } = await list({ nik });
    assert.equal(accesses.length, 1);
    const own = (await audit.entries())[Number(accesses[0]?.index)];
    assert.deepEqual([own?.leaf.eventId, own?.leaf.kind, own?.leaf.opd], [callId, Kind.DISCLOSED, 'DISDUKCAPIL']);
    assert.equal(own?.leafBytes.includes(nik), false);
  });

  it('shows to each of a family only their own part, and nobody what was sought and not found', async () => {
    const [one, other] = ['1371010101010021', '1371010101010022'];
    const family = await look({ method: `${METHOD}/GetFamily`, rows: 2 }, [one, other], { caseNumber: 'RM-1' });
    await look({ kind: Kind.EMPTY }, [], { searchTerms: one });
    const alone = await look({}, [other]);
    const { accesses } = await list({ nik: one, receipts: true });
    assert.deepEqual(
      accesses.map(({ index }) => index),
      [family],
    );
    assert.deepEqual(Object.keys(accesses[0] ?? {}).sort(), [
      ...['elements', 'index', 'legalBasis', 'method', 'opd', 'permit', 'purpose', 'receipt', 'time', 'unit'],
    ]);
    const { accesses: others } = await list({ nik: other });
    assert.deepEqual(
      others.map(({ index }) => index),
      [alone, family],
    );
  });

  it('withholds what an investigation looked at, and leaves no trace of it in any page', async () => {
    // Two residents with the same looks; into one's an investigation was mixed, into both's one whose time is over.
    const [watched, other] = ['1371010101010031', '1371010101010032'];
    const investigation = { purpose: Purpose.PENEGAKAN_HUKUM, opd: 'KESBANGPOL' };
    await look({ ...investigation, timeUs: nowUs - 731n * DAY_US }, [watched]);
    await look({ ...investigation, timeUs: nowUs - 731n * DAY_US }, [other]);
    const withheld: bigint[] = [];
    for (let at = 0; at < 9; at++) {
      await look({ timeUs: nowUs - DAY_US }, [watched]);
      withheld.push(await look({ ...investigation, timeUs: nowUs - BigInt(at * 80) * DAY_US }, [watched]));
      await look({ timeUs: nowUs - DAY_US }, [other]);
    }
    withheld.push(await look({ ...investigation, timeUs: nowUs }, [watched]));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), async (pageSize) => {
        const [mine, theirs] = [await pages(watched, pageSize), await pages(other, pageSize)];
        assert.deepEqual(
          mine.map((page) => page.length),
          theirs.map((page) => page.length),
        );
        assert.ok(mine.flat().every((index) => !withheld.includes(index)));
      }),
      { numRuns: 8 },
    );
    const shown = (await pages(watched, 200)).flat();
    const entries = await audit.entries();
    assert.equal(shown.filter((index) => entries[Number(index)]?.leaf.opd === 'KESBANGPOL').length, 1);
  });

  it('refuses a token of another resident', async () => {
    await Promise.all([look({}, [NIK]), look({}, [NIK])]);
    const { nextPageToken } = await list({ pageSize: 1 });
    assert.notEqual(nextPageToken, '');
    await assert.rejects(list({ nik: RELATIVE, pageToken: nextPageToken }), { reason: 'PAGE_TOKEN_INVALID' });
  });

  it('gives receipts that hold offline, about this resident and no other', async () => {
    const nik = '1371010101010041';
    const index = await look({}, [RELATIVE, nik, '1371010101010043']);
    let answer = await list({ nik, receipts: true });
    // The head is signed within a second.
    while (!answer.accesses.at(-1)?.receipt) answer = await list({ nik, receipts: true });
    const receipt = answer.accesses.at(-1)?.receipt;
    assert.ok(receipt);
    const log = verifierOf(audit.logKey);
    assert.equal(checkReceipt(receipt, log, nik).leaf.subjectCount, 3);
    assert.equal(receipt.index, index);
    assert.throws(() => checkReceipt(receipt, log, RELATIVE), { message: /not about this NIK/ });
    // What opens the commitments of others is not in it.
    const holds = Buffer.concat([receipt.leaf, receipt.salt, ...receipt.commitments]);
    for (const text of [nik, RELATIVE]) assert.equal(holds.includes(text), false);
  });

  it('serves a program under a permit that reaches the whole city only', async () => {
    const ask = (regions: string[]) => {
      const grant = {
        permit: PERMIT,
        opd: 'DISKOMINFO',
        purpose: Purpose.PELAYANAN_PUBLIK,
        scope: 0 as const,
        regions,
      };
      const whole = { nik: NIK, pageSize: 0, pageToken: '', receipts: false };
      return channel.unary(SubjectServiceService.listAccesses, whole, { metadata: securityCall(grant).metadata });
    };
    assert.ok((await ask(['13.71'])).accesses.length > 0);
    for (const regions of [[], ['13.71.11']]) await assert.rejects(ask(regions), { reason: 'REGION_NOT_GRANTED' });
  });

  it('has nothing to tell any more about who was erased', async () => {
    const nik = '1371010101010051';
    await look({}, [nik]);
    const { metadata } = disdukcapilCall();
    await channel.unary(SubjectServiceService.eraseSubject, { number: nik, letter: '470/9' }, { metadata });
    assert.deepEqual((await list({ nik })).accesses, []);
  });
});
