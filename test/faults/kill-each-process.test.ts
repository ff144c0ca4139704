import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import { AuditServiceService } from '#gen/rangkiang/audit/v1/audit_service.ts';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { ResidentServiceService } from '#gen/rangkiang/resident/v1/resident_service.ts';
import { type Caller, connectAs } from '../../cli/client/caller.ts';
import { CallRefused } from '../../cli/client/refusal.ts';
import { startMesh, type TestMesh } from '../support/mesh.ts';

const PROCESSES = ['signer', 'witness', 'audit', 'permit', 'resident', 'broker-1', 'broker-2'];
const KILLS_OF_EACH = 5;
const ANSWERS = 1_000;
const CALLER = 'PKM-LUBUK-BUAYA';

describe('kill -9 of every process under load', function () {
  this.timeout(300_000);
  let mesh: TestMesh;

  before(async () => {
    mesh = await startMesh();
  });

  after(() => mesh.stop());

  it('leaves no answer without its record', async () => {
    const nik = mesh.demo[CALLER]?.nikInside ?? '';
    const indexes: string[] = [];
    const refusals = new Map<string, number>();
    let killing = true;

    async function load(broker: number): Promise<void> {
      let caller: Caller | undefined;
      while (killing || indexes.length < ANSWERS) {
        caller ??= await connectAs(CALLER, { layout: mesh.layout, endpoints: mesh.endpoints(), broker, locale: 'id' });
        try {
          const settings = { purpose: 'PELAYANAN_PUBLIK', timeoutMs: 5_000 };
          const answer = await caller.call(ResidentServiceService.getResident, { nik, elements: [] }, settings);
          assert.equal(answer.message.resident?.nik, nik);
          indexes.push(answer.auditIndex);
        } catch (error) {
          if (!(error instanceof CallRefused)) throw error;
          const { reason, code } = error.refusal;
          refusals.set(reason || code, (refusals.get(reason || code) ?? 0) + 1);
          // A refused client waits before it asks again, as the answer tells it to.
          await delay(Math.min(error.refusal.retryAfterMs ?? 20, 100));
        }
      }
      caller?.close();
    }

    async function untilAnswered(count: number): Promise<void> {
      while (indexes.length < count) await delay(5);
    }

    async function killAll(): Promise<void> {
      for (let round = 0; round < KILLS_OF_EACH; round += 1) {
        for (const name of PROCESSES) {
          const before = mesh.endpoints().processes[name]?.pid ?? 0;
          await untilAnswered(indexes.length + 10);
          process.kill(before, 'SIGKILL');
          while ([0, before].includes(mesh.endpoints().processes[name]?.pid ?? 0)) await delay(5);
        }
      }
      killing = false;
    }

    await Promise.all([killAll(), ...[1, 1, 1, 1, 2, 2, 2, 2].map(load)]);
    console.log(`      ${indexes.length} answers, refused meanwhile: ${JSON.stringify(Object.fromEntries(refusals))}`);
    assert.ok(indexes.length >= ANSWERS);
    assert.equal(new Set(indexes).size, indexes.length, 'two answers share a record');

    const security = await connectAs('SECURITY', { layout: mesh.layout, endpoints: mesh.endpoints(), locale: 'id' });
    for (const index of indexes) {
      assert.match(index, /^\d+$/);
      const message = await readRecord(security, BigInt(index));
      const { leaf } = message.record ?? {};
      assert.equal(leaf?.kind, Kind.DISCLOSED);
      assert.deepEqual([leaf.opd, leaf.unit, leaf.rows, leaf.subjectCount], ['DKK', CALLER, 1, 1]);
    }
    security.close();
  });
});

/** The killed processes may still be on their way back when the records are read. */
async function readRecord(security: Caller, index: bigint) {
  for (;;) {
    try {
      const settings = { purpose: 'PENGAWASAN', timeoutMs: 10_000 };
      return (await security.call(AuditServiceService.getRecord, { index }, settings)).message;
    } catch (error) {
      if (!(error instanceof CallRefused) || error.refusal.code !== 'UNAVAILABLE') throw error;
      await delay(100);
    }
  }
}
