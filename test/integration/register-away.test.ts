import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { ResidentServiceService as service } from '#gen/rangkiang/resident/v1/resident_service.ts';
import { type GateProxy, startGateProxy } from '../support/gate-proxy.ts';
import { importRow, resident as someResident } from '../support/resident-rows.ts';
import { type ResidentService, startResidentService } from '../support/resident-service.ts';

describe("the register's Postgres", () => {
  const resident = someResident(1);
  let gate: GateProxy;
  let running: ResidentService;

  before(async () => {
    running = await startResidentService(undefined, undefined, async (databaseUrl) => {
      const url = new URL(databaseUrl);
      gate = await startGateProxy(Number(url.port));
      url.port = String(gate.port);
      return url.href;
    });
    await running.enter([importRow({ resident })]);
  });
  after(async () => {
    await running.stop();
    await gate.close();
  });

  const ask = async (timeoutMs?: number) => {
    const { answer } = await running.call(
      service.getResident,
      { nik: resident.nik ?? '', elements: [] },
      undefined,
      timeoutMs,
    );
    return answer.resident?.nik;
  };

  it('that hangs gives no answer and a status by the deadline, and the service works again by itself', async () => {
    const disclosed = () => running.log.leaves.filter(({ kind }) => kind === Kind.DISCLOSED).length;
    const before = disclosed();
    const held = gate.hold('answer');
    const refused = assert.rejects(ask(1_000), { reason: 'DEADLINE_EXCEEDED' });
    await held;
    await refused;
    assert.equal(disclosed(), before);
    gate.open();
    assert.equal(await ask(), resident.nik);
  });

  it('that is slow gives the answer later', async () => {
    gate.slow(200);
    assert.equal(await ask(), resident.nik);
    gate.slow(0);
  });

  it('whose connections break gives no answer, and the next call gets a new connection', async () => {
    const held = gate.hold('answer');
    const refused = assert.rejects(ask(), { reason: 'SERVICE_UNAVAILABLE' });
    await held;
    gate.cut();
    await refused;
    gate.open();
    assert.equal(await ask(), resident.nik);
  });
});
