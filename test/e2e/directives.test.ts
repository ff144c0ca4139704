import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import { RecordFilter } from '#gen/rangkiang/audit/v1/audit.ts';
import { AuditServiceService } from '#gen/rangkiang/audit/v1/audit_service.ts';
import { type DirectiveTarget, LiftOrder } from '#gen/rangkiang/permit/v1/directive.ts';
import { PolicyChange } from '#gen/rangkiang/permit/v1/policy.ts';
import { printJson } from '#mesh/contract.ts';
import { signLiftOrder } from '#mesh/lift-order.ts';
import { inTransaction, openPool } from '#mesh/sql.ts';
import { connectAs } from '../../cli/client/caller.ts';
import { CallRefused } from '../../cli/client/refusal.ts';
import { appendChange } from '../../services/permit/store/policy.ts';
import { testCertificates } from '../support/certificates.ts';
import { startMesh, type TestMesh } from '../support/mesh.ts';

const CALLER = 'PKM-LUBUK-BUAYA';
const NEIGHBOUR = 'PKM-PAUH';
const BROKERS = [1, 2];

describe('after an incident', function () {
  this.timeout(120_000);
  let mesh: TestMesh;
  let directiveId: string;

  before(async () => {
    mesh = await startMesh();
  });
  after(() => mesh.stop());

  const ask = (broker: number, caller = CALLER) =>
    mesh.call(
      caller,
      'GetResident',
      { nik: mesh.demo[caller]?.nikInside },
      { purpose: 'PELAYANAN_PUBLIK', broker, timeoutMs: 30_000 },
    );
  const outcome = (broker: number, caller = CALLER) => ask(broker, caller).then(() => 'DATA', reasonOf);
  const explain = async (broker: number) => {
    const question = {
      method: '/rangkiang.resident.v1.ResidentService/GetResident',
      purpose: 'PELAYANAN_PUBLIK',
      unit: CALLER,
    };
    const { message } = await mesh.call(
      'SECURITY',
      'Explain',
      { opd: 'DKK', question },
      { purpose: 'PERIZINAN', broker },
    );
    return message as { allowed?: boolean; reason?: string; text?: string; policyVersion: string };
  };

  /** Until both brokers decide with this version. */
  async function untilInstalled(version: bigint): Promise<void> {
    for (const broker of BROKERS) {
      while (BigInt((await explain(broker)).policyVersion) < version) await delay(20);
    }
  }

  async function lines(...words: string[]): Promise<string[]> {
    const { code, stdout, stderr } = await mesh.cli(...words);
    assert.equal(code, 0, stderr);
    return stdout.trim().split('\n');
  }

  /** Writes a change as somebody does who holds the permit service's database, and nothing else of the mesh. */
  async function writeByHand(change: PolicyChange['change']): Promise<bigint> {
    const url = new URL(mesh.endpoints().postgres);
    url.pathname = '/permit';
    const pool = openPool(url.href, { max: 1 });
    try {
      return await inTransaction(pool, (client) =>
        appendChange(client, Buffer.from(PolicyChange.encode({ change }).finish())),
      );
    } finally {
      await pool.end();
    }
  }

  it('the security team freezes a unit, and the next call is denied at every broker, in words and recorded', async () => {
    for (const broker of BROKERS) assert.equal(await outcome(broker), 'DATA');
    const words = ['directive', 'freeze', 'unit', `DKK/${CALLER}`, '--reason', 'Laptop pendaftaran hilang', '--json'];
    const [line = ''] = await lines(...words);
    const { answer, auditIndex } = JSON.parse(line);
    directiveId = answer.directive.directive.directiveId;
    assert.equal(answer.brokersConfirmed, 2);
    assert.equal(answer.brokersLapsed ?? 0, 0);
    assert.match(auditIndex, /^\d+$/);
    for (const broker of BROKERS) {
      await assert.rejects(ask(broker), ({ refusal }: CallRefused) => {
        assert.equal(refusal.reason, 'UNIT_FROZEN');
        assert.match(refusal.text, /Unit Anda dibekukan.*tim keamanan.*hanya Walikota/);
        assert.match(refusal.auditIndex ?? '', /^\d+$/);
        return true;
      });
      assert.equal(await outcome(broker, NEIGHBOUR), 'DATA');
    }
    const records = await lines('audit', 'find', '--reason', 'UNIT_FROZEN', '--json');
    assert.equal(records.length, 2);
    assert((await lines('directive', 'list')).some((each) => each.startsWith(directiveId)));
  });

  it('Explain says why', async () => {
    const { allowed, reason, text } = await explain(2);
    assert.deepEqual([allowed ?? false, reason], [false, 'UNIT_FROZEN']);
    assert.match(text ?? '', /dibekukan/);
  });

  it('a lift that the Walikota did not sign counts for nothing, also when it is written into the policy log', async () => {
    const target: DirectiveTarget = { target: { $case: 'unit', value: { opd: 'DKK', unit: CALLER } } };
    const order = LiftOrder.encode({ directiveId, target, reason: 'Ditemukan kembali' }).finish();
    const text = Buffer.from(printJson('rangkiang.permit.v1.LiftOrder', order));
    const { walikota: stranger } = await testCertificates();
    const signed = await signLiftOrder(text, stranger.keyPem, stranger.certPem);
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${text.toString('base64url')}.`;
    await assert.rejects(
      mesh.call('WALIKOTA', 'Lift', { requestId: crypto.randomUUID(), jws: signed }, { purpose: 'PENGAWASAN' }),
      ({ refusal }: CallRefused) => refusal.reason === 'SIGNATURE_INVALID',
    );
    let version = 0n;
    for (const jws of [signed, unsigned]) version = await writeByHand({ $case: 'lifted', value: { jws } });
    await untilInstalled(version);
    for (const broker of BROKERS) assert.equal(await outcome(broker), 'UNIT_FROZEN');
    // Nobody recorded them either, which is seen first.
    while (!/"alarm":"WIDENING_UNRECORDED"/.test(await readFile(mesh.layout.log('broker-1'), 'utf8'))) await delay(50);
  });

  it('the Walikota lifts by signature, and it works again; the same order written again changes nothing', async () => {
    const words = ['directive', 'lift', directiveId, '--reason', 'Laptop ditemukan, sandi diganti', '--json'];
    const [line = ''] = await lines(...words);
    const { answer } = JSON.parse(line);
    assert.equal(answer.directive.directiveId, directiveId);
    assert.ok(answer.liftTime);
    for (const broker of BROKERS) {
      while ((await outcome(broker)) === 'UNIT_FROZEN') await delay(20);
      assert.equal(await outcome(broker), 'DATA');
    }
    // Whoever froze the unit anew under the old id could not have it lifted by the old order.
    const directive = answer.directive;
    const target = { target: { $case: 'unit' as const, value: directive.target.unit } };
    await writeByHand({ $case: 'frozen', value: { directiveId, target, reason: directive.reason } });
    const version = await writeByHand({ $case: 'lifted', value: { jws: answer.liftJws } });
    await untilInstalled(version);
    for (const broker of BROKERS) assert.equal(await outcome(broker), 'UNIT_FROZEN');
  });

  it('a frozen element leaves every answer', async () => {
    const { message } = await ask(1, NEIGHBOUR);
    assert.match(JSON.stringify(message), /namaLengkap/);
    await lines('directive', 'freeze', 'element', 'NAMA_LENGKAP', '--as', 'WALIKOTA', '--reason', 'Kebocoran nama');
    for (const broker of BROKERS) {
      assert.doesNotMatch(JSON.stringify((await ask(broker, NEIGHBOUR)).message), /namaLengkap/);
    }
  });

  it('a stream ends when its system is frozen, though no message is due', async () => {
    const { layout } = mesh;
    const caller = await connectAs('SECURITY', { layout, endpoints: mesh.endpoints(), broker: 2, locale: 'id' });
    try {
      // Nothing happens at this OPD, so nothing is told.
      const filter = RecordFilter.create({ opd: 'DISDIK' });
      const records = caller.stream(AuditServiceService.watchRecords, { filter }, { purpose: 'PENGAWASAN' });
      const opened = records.next();
      const watching = async () => (await mesh.cli('audit', 'find', '--kind', 'WATCH_OPENED', '--json')).stdout !== '';
      while (!(await watching())) await delay(50);
      const ended = readToEnd(records, opened).then(() => 'END', reasonOf);
      const words = ['--as', 'WALIKOTA', '--reason', 'Kunci sistem pemantau bocor'];
      await lines('directive', 'freeze', 'system', 'SECURITY/PUSAT/layanan', ...words);
      assert.equal(await ended, 'PERMIT_CHANGED');
      const frozen = (await lines('directive', 'list', '--as', 'WALIKOTA')).find((line) => line.includes('SECURITY/'));
      await lines('directive', 'lift', frozen?.split(' ')[0] ?? '', '--reason', 'Kunci sudah diganti');
      while ((await mesh.cli('audit', 'find')).code !== 0) await delay(20);
      // Had it ended only when a message left (a heartbeat), that message would have been noted as dropped.
      const dropped = await mesh.cli('audit', 'find', '--kind', 'WITHHELD');
      assert.deepEqual([dropped.code, dropped.stdout], [0, '']);
    } finally {
      caller.close();
    }
  });
});

async function readToEnd<T>(messages: AsyncGenerator<T>, first: Promise<IteratorResult<T>>): Promise<void> {
  let next = await first;
  while (!next.done) next = await messages.next();
}

function reasonOf(error: unknown): string {
  if (!(error instanceof CallRefused)) throw error;
  return error.refusal.reason;
}
