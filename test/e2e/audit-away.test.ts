import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'mocha';
import { CallRefused } from '../../cli/client/refusal.ts';
import { startMesh, type TestMesh } from '../support/mesh.ts';

const UNIT = 'PKM-LUBUK-BUAYA';

describe('without the audit service', function () {
  this.timeout(120_000);
  let mesh: TestMesh;

  before(async () => {
    mesh = await startMesh();
  });

  after(() => mesh.stop());

  async function reasonOf(caller: string, method: string, request: unknown, purpose: string): Promise<string> {
    try {
      await mesh.call(caller, method, request, { purpose });
      return 'ANSWERED';
    } catch (error) {
      if (!(error instanceof CallRefused)) throw error;
      return error.refusal.reason;
    }
  }

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
});
