import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'mocha';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { SubjectServiceService } from '#gen/rangkiang/audit/v1/subject_service.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';
import type { AppendClient } from '#mesh/append-client.ts';
import type { Channel } from '#mesh/client.ts';
import type { Appender } from '#mesh/record.ts';
import { readPurposeRules } from '../../services/audit/domain/purpose-rules.ts';
import { removeOutdated } from '../../services/audit/retention.ts';
import { someEntry } from '../support/audit-entries.ts';
import { type AuditService, disdukcapilCall, securityCall, startAuditService } from '../support/audit-service.ts';
import { openSealed } from '../support/open-sealed.ts';

const NIK = '1371010101010001';
const OTHER = '1371010101010002';
const STATEMENT = 'Saya tidak pernah berobat di sana.';
const EPOCH = new Date(0);
const NOW = new Date();

describe('what the log does for residents', function () {
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

  const look = async (...given: Parameters<typeof someEntry>) =>
    (await client.append(someEntry(...given), 20_000)).index;
  const lastLeaf = async () => (await audit.entries()).at(-1)?.leaf;
  const erase = (number: string) =>
    channel.unary(SubjectServiceService.eraseSubject, { number, letter: '470/9' }, disdukcapilCall());

  describe('objections', () => {
    const object = (nik: string, index: bigint, requestId: string = randomUUID()) =>
      channel.unary(
        SubjectServiceService.openObjection,
        { requestId, nik, index, statement: STATEMENT },
        disdukcapilCall(),
      );
    const list = async (withClosed = false) =>
      (await channel.unary(SubjectServiceService.listObjections, { withClosed }, disdukcapilCall())).objections;
    const close = (objectionId: string) =>
      channel.unary(SubjectServiceService.closeObjection, { objectionId, remark: 'Salah unit.' }, disdukcapilCall());

    it('open a case, once for a repeated request, which is recorded and closed with an answer', async () => {
      const index = await look({}, [NIK]);
      const requestId = randomUUID();
      await object(NIK, index, requestId);
      const opened = await lastLeaf();
      assert.deepEqual([opened?.kind, opened?.opd, opened?.subjectCount], [Kind.OBJECTION, 'DISDUKCAPIL', 1]);
      assert.deepEqual(opened?.refersTo, (await audit.entries())[Number(index)]?.leaf.eventId);
      await object(NIK, index, requestId);
      const [objection, ...others] = await list();
      assert.deepEqual(others, []);
      assert.deepEqual(
        [objection?.objectionId, objection?.index, objection?.nik, objection?.statement],
        [requestId, index, NIK, STATEMENT],
      );
      const { rows } = await audit.pool.query('select sealed from objection');
      for (const word of [NIK, 'berobat']) assert.equal(rows[0].sealed.includes(word), false);

      await close(requestId);
      assert.deepEqual(await list(), []);
      assert.equal((await list(true))[0]?.remark, 'Salah unit.');
      await assert.rejects(close(requestId), { reason: 'OBJECTION_NOT_FOUND' });
    });

    it('are refused about what the resident is not shown, as about what is not there', async () => {
      const others = await look({}, [OTHER]);
      const withheld = await look({ purpose: Purpose.PENEGAKAN_HUKUM }, [NIK]);
      for (const index of [others, withheld, 1n << 40n, (1n << 64n) - 1n]) {
        await assert.rejects(object(NIK, index), { reason: 'RECORD_NOT_FOUND' });
      }
    });

    it('forget who objected when they are erased', async () => {
      const nik = '1371010101010011';
      const { objectionId } = await object(nik, await look({}, [nik]));
      await erase(nik);
      const objection = (await list()).find((one) => one.objectionId === objectionId);
      assert.deepEqual([objection?.nik, objection?.statement], ['', '']);
    });
  });

  describe('a breach', () => {
    const operator = 'ab'.repeat(16);
    const ask = (changes = {}, call = securityCall()) =>
      channel.unary(
        SubjectServiceService.listBreached,
        { operatorPseudonym: operator, fromTime: EPOCH, belowTime: NOW, pageToken: '', ...changes },
        call,
      );

    it('is told by operator and time, with whose data they were, and is a disclosure itself', async () => {
      const at = (iso: string) => BigInt(new Date(iso).getTime()) * 1_000n;
      const shown = { operatorPseudonym: operator, elements: [Element.NIK, Element.AGAMA] };
      const erased = '1371010101010021';
      await look({ ...shown, timeUs: at('2026-01-01') }, [NIK]);
      const first = await look({ ...shown, timeUs: at('2026-02-01') }, [NIK]);
      const second = await look({ ...shown, timeUs: at('2026-02-02') }, [OTHER, NIK, erased]);
      await look({ ...shown, kind: Kind.DENIED, timeUs: at('2026-02-03') });
      await look({ operatorPseudonym: 'cd'.repeat(16), timeUs: at('2026-02-03') }, [OTHER]);
      await erase(erased);
      const { accesses } = await ask({ fromTime: new Date('2026-02-01'), belowTime: new Date('2026-03-01') });
      assert.deepEqual(
        accesses.map(({ index, niks, erased, elements }) => ({ index, niks: niks.sort(), erased, elements })),
        [
          { index: second, niks: [NIK, OTHER], erased: 1, elements: shown.elements },
          { index: first, niks: [NIK], erased: 0, elements: shown.elements },
        ],
      );
      const own = await lastLeaf();
      assert.deepEqual(
        [own?.kind, own?.opd, own?.elements, own?.subjectCount],
        [Kind.DISCLOSED, 'SECURITY', [Element.NIK], 2],
      );
    });

    it('is told page by page', async () => {
      const many = { operatorPseudonym: 'ef'.repeat(16) };
      const indexes = await Promise.all(Array.from({ length: 60 }, () => look(many, [NIK])));
      const found: bigint[] = [];
      let pageToken = '';
      do {
        const page = await ask({ ...many, pageToken });
        found.push(...page.accesses.map(({ index }) => index));
        pageToken = page.nextPageToken;
      } while (pageToken !== '');
      assert.deepEqual(found.sort(), indexes.sort());
    });

    it('is told to the security team alone', async () => {
      await assert.rejects(ask({}, securityCall({ scope: 0 })), { reason: 'NO_PERMIT' });
    });
  });

  it('removes what is sealed when the time of its purpose is over, with its keys, and nothing else', async () => {
    const years = (n: number) => BigInt(Date.now() - n * 366 * 86_400_000) * 1_000n;
    // Old entries come first: time goes on with the index.
    const fresh = await startAuditService();
    try {
      const writer = fresh.client('broker');
      const add = async (...given: Parameters<typeof someEntry>) =>
        (await writer.append(someEntry(...given), 20_000)).index;
      const old = await add({ purpose: Purpose.PELAYANAN_PUBLIK, timeUs: years(6) }, [NIK]);
      const shared = await add({ purpose: Purpose.PELAYANAN_PUBLIK, timeUs: years(6) }, [NIK, OTHER], {
        operator: 'R',
      });
      const longer = await add({ purpose: Purpose.PENEGAKAN_HUKUM, timeUs: years(6) }, [OTHER]);
      const recent = await add({ purpose: Purpose.PELAYANAN_PUBLIK, timeUs: years(1) }, [OTHER]);
      const before = await fresh.entries();
      const records: Parameters<Appender['append']>[0][] = [];
      const log: Appender = {
        append: async (entry) => {
          records.push(entry);
          return writer.append(entry, 20_000);
        },
      };
      const rules = readPurposeRules();
      for (let run = 0; run < 2; run++) await removeOutdated(fresh.pool, rules.values(), log, new Date());
      const left = await Promise.all(
        [old, shared, longer, recent].map((at) => openSealed(fresh.pool, fresh.sealKey, at)),
      );
      assert.deepEqual(
        left.map((parts) => parts.length),
        [0, 0, 1, 1],
      );
      // One record for all, and only once. NIK's key and that of the purpose's month are gone, OTHER's is in use.
      assert.equal(records.length, 1);
      assert.equal((await fresh.pool.query('select 1 from destroyed_key')).rowCount, 2);
      assert.deepEqual((await fresh.entries()).slice(0, before.length), before);
      assert.deepEqual(
        (await fresh.entries()).slice(before.length).map(({ leaf }) => [leaf.kind, leaf.purpose, leaf.count]),
        [[Kind.RETENTION, Purpose.PELAYANAN_PUBLIK, 4]],
      );
      // The writer, which has the destroyed key in memory, goes on with another.
      assert.equal((await openSealed(fresh.pool, fresh.sealKey, await add({}, [NIK]))).length, 1);
    } finally {
      await fresh.stop();
    }
  });
});
