import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'mocha';
import { Kind, type Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { PolicyServiceService as policy } from '#gen/rangkiang/permit/v1/policy_service.ts';
import { createLogger } from '#mesh/log.ts';
import { OutboxRelay } from '#mesh/outbox.ts';
import { tellDueAlerts } from '../../services/permit/due-alerts.ts';
import { type PermitService, startPermitService } from '../support/permit-service.ts';

const today = new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 10);

describe('alerts about permits', () => {
  let service: PermitService;
  let relay: OutboxRelay;
  let permitId: string;

  before(async () => {
    service = await startPermitService();
    relay = new OutboxRelay(service.pool, service.log, createLogger('permit', 'fatal'));
    permitId = (await service.permit({ quotaPerDay: 100 })).permitId;
  });
  after(async () => {
    await relay.close();
    await service.stop();
  });

  /** Alerts that are recorded, once all that wait are. */
  async function told(): Promise<Leaf[]> {
    await tellDueAlerts(service.pool, relay);
    const { rows } = await service.pool.query<{ event_id: Buffer }>('select event_id from outbox');
    await Promise.all(rows.map(({ event_id }) => relay.wait(event_id, 10_000)));
    return service.log.leaves.filter(({ kind }) => kind === Kind.ALERT);
  }
  const reserve = (rowsNeeded: number) =>
    service.call(policy.reserveQuota, { reservationId: randomUUID(), permitId, day: today, rowsNeeded });
  const endsIn = (days: number) =>
    service.pool.query("update permits set valid_until = clock_timestamp() + $1 * interval '1 day'", [days]);

  it('say once a day that brokers hold 80 % of the quota', async () => {
    await reserve(79);
    assert.deepEqual(await told(), []);
    await reserve(1);
    const [alert, ...more] = await told();
    assert.deepEqual(
      [alert?.reason, alert?.permit, alert?.opd, alert?.writer, more.length],
      ['QUOTA_80', permitId, 'DKK', 'permit', 0],
    );
    assert.ok((alert?.count ?? 0) >= 80);
    await reserve(1);
    assert.equal((await told()).length, 1);
  });

  it('say once that a permit ends within 30 days', async () => {
    const expiring = async () => (await told()).filter(({ reason }) => reason === 'PERMIT_EXPIRES');
    await endsIn(31);
    assert.deepEqual(await expiring(), []);
    await endsIn(29.5);
    assert.deepEqual(
      (await expiring()).map(({ permit, count }) => [permit, count]),
      [[permitId, 29]],
    );
    assert.equal((await expiring()).length, 1);
    // Renewed, and about to end again.
    await endsIn(10);
    assert.equal((await expiring()).length, 2);
    await endsIn(-1);
    assert.equal((await expiring()).length, 2);
  });
});
