import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'mocha';
import { CallRefused } from '../../cli/client/refusal.ts';
import { startImpostor } from '../support/impostor.ts';
import { startMesh, type TestMesh } from '../support/mesh.ts';

const UNIT = 'PKM-LUBUK-BUAYA';
// Enough for every process to have tried several times.
const TRIES = 30;

describe('without the audit service', function () {
  this.timeout(120_000);
  let mesh: TestMesh;

  before(async () => {
    mesh = await startMesh();
  });

  after(() => mesh.stop());

  async function reasonOf(
    caller: string,
    method: string,
    request: unknown,
    purpose: string,
    timeoutMs?: number,
  ): Promise<string> {
    try {
      await mesh.call(caller, method, request, { purpose, timeoutMs });
      return 'ANSWERED';
    } catch (error) {
      if (!(error instanceof CallRefused)) throw error;
      return error.refusal.reason || error.refusal.code;
    }
  }

  const askForResident = (timeoutMs?: number) =>
    reasonOf(UNIT, 'GetResident', { nik: mesh.demo[UNIT]?.nikInside }, 'PELAYANAN_PUBLIK', timeoutMs);

  async function untilAnswered(): Promise<void> {
    let outcome = 'AUDIT_UNAVAILABLE';
    while (outcome === 'AUDIT_UNAVAILABLE') outcome = await askForResident();
    assert.equal(outcome, 'ANSWERED');
  }

  const pids = () => Object.values(mesh.endpoints().processes).map(({ pid }) => pid);

  it('no status leaves but AUDIT_UNAVAILABLE, a revocation counts, and nothing else needs a restart afterwards', async () => {
    const unit = mesh.demo[UNIT];
    const bapenda = mesh.demo.BAPENDA;
    assert.ok(unit && bapenda?.permit);
    const inside = { nik: unit.nikInside };
    const pids = Object.values(mesh.endpoints().processes).map(({ pid }) => pid);
    assert.equal(await reasonOf(UNIT, 'GetResident', inside, 'PELAYANAN_PUBLIK'), 'ANSWERED');

    await mesh.order('stop', 'audit');
    for (const [caller, method, request, purpose] of [
      [UNIT, 'GetResident', inside, 'PELAYANAN_PUBLIK'],
      [UNIT, 'GetResident', { nik: unit.nikOutside }, 'PELAYANAN_PUBLIK'],
      [UNIT, 'GetResident', { nik: '7' }, 'PELAYANAN_PUBLIK'],
      [UNIT, 'GetFamily', inside, 'PELAYANAN_PUBLIK'],
      ['DISDIK', 'AggregateResidents', { groupBy: ['DIMENSION_KECAMATAN'] }, 'PERENCANAAN_PEMBANGUNAN'],
      ['DINSOS', 'GetResident', inside, 'PELAYANAN_PUBLIK'],
      ['DINSOS', 'Explain', { question: { method: 'x', purpose: 'PERIZINAN' } }, 'PERIZINAN'],
      ['DISDUKCAPIL', 'GetRegistryStatistics', {}, 'ADMINISTRASI_KEPENDUDUKAN'],
      ['WALIKOTA', 'ListPermits', {}, 'PERIZINAN'],
    ] as const) {
      assert.equal(await reasonOf(caller, method, request, purpose), 'AUDIT_UNAVAILABLE', `${caller} ${method}`);
    }

    const revocation = {
      requestId: randomUUID(),
      permitId: bapenda.permit,
      reason: 'REVOCATION_REASON_TUJUAN_BERAKHIR',
    };
    assert.equal(await reasonOf('WALIKOTA', 'RevokePermit', revocation, 'PERIZINAN'), 'ANSWERED');

    await mesh.order('start', 'audit');
    let outcome = 'AUDIT_UNAVAILABLE';
    while (outcome === 'AUDIT_UNAVAILABLE') outcome = await reasonOf(UNIT, 'GetResident', inside, 'PELAYANAN_PUBLIK');
    assert.equal(outcome, 'ANSWERED');
    // Every process comes back to the audit service by itself, each in its own time.
    outcome = 'AUDIT_UNAVAILABLE';
    while (outcome === 'AUDIT_UNAVAILABLE') {
      outcome = await reasonOf('BAPENDA', 'GetResident', { nik: bapenda.nikInside }, 'PELAYANAN_PUBLIK');
    }
    assert.equal(outcome, 'PERMIT_REVOKED');
    const restarted = Object.entries(mesh.endpoints().processes).filter(([, { pid }]) => !pids.includes(pid));
    assert.deepEqual(
      restarted.map(([name]) => name),
      ['audit'],
    );

    // The outbox kept the record of the revocation for the audit service's return.
    let recorded = false;
    while (!recorded) {
      const purpose = 'PENGAWASAN';
      const filter = { method: '/rangkiang.permit.v1.PermitService/RevokePermit' };
      const answer = await mesh.call('SECURITY', 'ListRecords', { filter }, { purpose }).catch((error: unknown) => {
        // The broker's trunk to the audit service comes back in its own time, too.
        if (error instanceof CallRefused && error.refusal.code === 'UNAVAILABLE') return undefined;
        throw error;
      });
      const records = (answer?.message.records ?? []) as { leaf: { kind: string } }[];
      recorded = records.some(({ leaf }) => leaf.kind === 'KIND_POLICY');
    }
  });

  it('hung, nothing leaves and every call has its status in time; it goes on where it was, nothing restarted', async () => {
    await untilAnswered();
    const before = pids();
    const hung = mesh.endpoints().processes.audit?.pid ?? 0;
    process.kill(hung, 'SIGSTOP');
    try {
      // Shorter than a record is waited for, longer, and once the service is known not to answer.
      for (const timeoutMs of [300, 10_000, 10_000]) {
        const outcome = await askForResident(timeoutMs);
        assert.match(outcome, timeoutMs < 2_000 ? /^(DEADLINE_EXCEEDED|AUDIT_UNAVAILABLE)$/ : /^AUDIT_UNAVAILABLE$/);
      }
    } finally {
      process.kill(hung, 'SIGCONT');
    }
    await untilAnswered();
    assert.deepEqual(pids(), before);
  });

  it('nothing is believed of a process of the mesh that stands at its address, and nothing leaves', async () => {
    await untilAnswered();
    const address = mesh.endpoints().processes.audit?.address ?? '';
    const other = mesh.layout.mesh('resident');
    await mesh.order('stop', 'audit');
    const impostor = await startImpostor(address, { ca: mesh.layout.ca, cert: `${other}.crt`, key: `${other}.key` });
    try {
      while (impostor.connections < TRIES && impostor.messages === 0) {
        assert.equal(await askForResident(), 'AUDIT_UNAVAILABLE');
      }
      assert.equal(impostor.messages, 0);
    } finally {
      await impostor.close();
    }
    await mesh.order('start', 'audit');
    await untilAnswered();
  });
});
