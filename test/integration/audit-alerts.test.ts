import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import { AlertServiceService as service } from '#gen/rangkiang/audit/v1/alert_service.ts';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { Scope } from '#gen/rangkiang/mesh/v1/grant.ts';
import type { AppendClient } from '#mesh/append-client.ts';
import type { Channel } from '#mesh/client.ts';
import { MeshError } from '#mesh/errors.ts';
import { someEntry } from '../support/audit-entries.ts';
import { type AuditService, securityCall, startAuditService } from '../support/audit-service.ts';

const RETRY_MS = 20;
const hasReason = (reason: string) => (error: unknown) => error instanceof MeshError && error.reason === reason;

describe('alerts', function () {
  this.timeout(120_000);
  let audit: AuditService;
  let client: AppendClient;
  let broker: Channel;

  before(async () => {
    audit = await startAuditService();
    client = audit.client('broker');
    broker = await audit.broker();
  });
  after(() => audit.stop());

  async function append(entry: ReturnType<typeof someEntry>): Promise<bigint> {
    for (;;) {
      try {
        return (await client.append(entry)).index;
      } catch {
        await sleep(RETRY_MS);
      }
    }
  }

  const alerts = async () => (await audit.entries()).filter(({ leaf }) => leaf.kind === Kind.ALERT);

  async function reached(count: number) {
    let found = await alerts();
    while (found.length < count) found = await alerts();
    return found;
  }

  const list = async (includeAcknowledged = false, changes = {}) => {
    const { metadata } = securityCall(changes);
    return (await broker.unary(service.listAlerts, { includeAcknowledged, belowIndex: 0n }, { metadata })).alerts;
  };
  const acknowledge = (index: bigint, remark: string, changes = {}, person = 'Dewi Lestari') => {
    const { metadata } = securityCall(changes);
    return broker.unary(service.acknowledgeAlert, { index, remark, person }, { metadata });
  };

  it('are records that refer to what caused them, and open until somebody takes note', async () => {
    const flood = someEntry({ kind: Kind.REFUSALS, reason: 'RATE_LIMITED', count: 400, system: 'simpus' });
    const index = await append(flood);
    const [alert] = await reached(1);
    assert.ok(alert);
    assert.deepEqual(
      [alert.leaf.reason, alert.leaf.count, alert.leaf.opd, alert.leaf.system, alert.leaf.writer],
      ['FLOOD', 1, 'DKK', 'simpus', 'audit'],
    );
    assert.deepEqual(alert.leaf.note?.causedBy, [index]);
    assert.deepEqual(alert.leaf.refersTo, flood.leaf.subarray(2, 18));

    assert.deepEqual(
      (await list()).map(({ record, acknowledgement }) => [record?.index, acknowledgement]),
      [[alert.index, undefined]],
    );
    const operator = { operator: '1977 Dewi', operatorPseudonym: 'd'.repeat(32) };
    const { acknowledgement } = await acknowledge(alert.index, 'SIMRS salah jadwal; vendor diberi tahu.', operator);
    assert.deepEqual(acknowledgement?.leaf?.refersTo, alert.leaf.eventId);
    assert.deepEqual(
      [acknowledgement.leaf.kind, acknowledgement.leaf.operatorPseudonym, acknowledgement.leaf.note?.remark],
      [Kind.ALERT_ACKNOWLEDGED, 'd'.repeat(32), 'SIMRS salah jadwal; vendor diberi tahu.'],
    );
    assert.deepEqual(await list(), []);
    assert.deepEqual((await list(true))[0]?.acknowledgement, acknowledgement);

    // The first one stands.
    assert.deepEqual((await acknowledge(alert.index, 'Sekali lagi.')).acknowledgement, acknowledgement);
  });

  it('are found once, whichever replica looks and however often it is killed', async () => {
    const before = (await alerts()).length;
    const other = await audit.another();
    const bursts = 4;
    for (let burst = 0; burst < bursts; burst++) {
      const denials = Array.from({ length: 50 }, () =>
        someEntry({ kind: Kind.DENIED, reason: 'NO_PERMIT', system: `burst-${burst}` }),
      );
      const appended = Promise.all(denials.map(append));
      if (burst % 2 === 0) {
        for (let turn = 0; turn < 30 * Math.random(); turn++) await new Promise(setImmediate);
        await audit.first.kill();
        await audit.first.start();
      }
      await appended;
    }
    const found = (await reached(before + bursts)).slice(before);
    assert.deepEqual(
      new Set(found.map(({ leaf }) => leaf.system)),
      new Set(Array.from({ length: bursts }, (_, burst) => `burst-${burst}`)),
    );
    await other.kill();
  });

  it('are shown to nobody who may not see the whole log, and not acknowledged where there is none', async () => {
    await assert.rejects(list(false, { scope: Scope.OWN }), hasReason('NO_PERMIT'));
    await append(someEntry({ kind: Kind.REFUSALS, count: 21, system: 'another' }));
    while ((await list())[0]?.record?.leaf?.system !== 'another');
    const index = (await list())[0]?.record?.index ?? 0n;
    await assert.rejects(acknowledge(index, 'Dilihat.', { scope: Scope.OWN }), hasReason('NO_PERMIT'));
    for (const wrong of [0n, index + 100_000n, (1n << 64n) - 1n]) {
      await assert.rejects(acknowledge(wrong, 'Dilihat.'), hasReason('ALERT_NOT_FOUND'));
    }
    for (const remark of ['', 'NIK 1371010101010001', 'dua\nbaris']) {
      await assert.rejects(acknowledge(index, remark), hasReason('REQUEST_INVALID'));
    }
    await assert.rejects(acknowledge(index, 'Dilihat.', {}, ''), hasReason('REQUEST_INVALID'));
    assert.equal((await list())[0]?.record?.index, index);
  });
});
