import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'mocha';
import { RevocationReason } from '#gen/rangkiang/permit/v1/permit.ts';
import { PermitServiceService as permits } from '#gen/rangkiang/permit/v1/permit_service.ts';
import { PolicyServiceService as policy } from '#gen/rangkiang/permit/v1/policy_service.ts';
import { verifyPemulihan } from '#mesh/izin.ts';
import { systemClock, type Timer } from '../../broker/clock.ts';
import { decide } from '../../broker/policy/decide.ts';
import { extendSnapshot } from '../../broker/policy/extend-snapshot.ts';
import { QuotaHolder } from '../../broker/quota/quota-holder.ts';
import { RenewalLoop } from '../../broker/renewal-loop.ts';
import { SnapshotHolder } from '../../broker/snapshot-holder.ts';
import { type PermitService, startPermitService, walikotaGrant } from '../support/permit-service.ts';
import { requestOf, statuteOnly, verifyAgainst } from '../support/policy.ts';

/** The loop of one broker, which renews when its bell rings and, as time stands still, never by itself. */
class Broker {
  readonly loop: RenewalLoop;
  #waits: () => void = () => {};

  constructor(service: PermitService) {
    const timer: Timer = () => {
      this.#waits();
      return () => {};
    };
    this.loop = new RenewalLoop({
      holder: new SnapshotHolder(statuteOnly, (base, changes) =>
        extendSnapshot(base, changes, verifyAgainst(service.pinned), {
          verifyPemulihan: (jws) => verifyPemulihan(jws, service.pinned),
        }),
      ),
      clock: systemClock,
      timer,
      session: randomUUID(),
      renew: async (request) => (await service.call(policy.renew, request)).answer,
      log: { info: () => {}, warn: () => {}, error: () => {} } as never,
    });
  }

  /** Rings, and waits until there is nothing more to install. */
  ring(): Promise<void> {
    return new Promise((resolve) => {
      this.#waits = resolve;
      this.loop.ring();
    });
  }

  /** What it says to a call under a permit at a moment within the permit's validity. */
  says(permit: string): string {
    const { snapshot, time } = this.loop.current();
    const within = Date.now();
    const request = requestOf({ permit, unit: 'PKM-PAUH' });
    const decision = decide(snapshot, request, { ...time, earliestMs: within, latestMs: within });
    return decision.allowed ? 'allowed' : decision.reason;
  }
}

describe('a broker with the real permit service', () => {
  let service: PermitService;
  before(async () => {
    service = await startPermitService();
  });
  after(() => service.stop());

  it('installs what the Walikota signed, and its renewal is what confirms a revocation', async () => {
    const { permitId } = await service.permit();
    const broker = new Broker(service);
    assert.equal(broker.says(permitId), 'POLICY_STALE');
    await broker.ring();
    assert.equal(broker.says(permitId), 'allowed');

    service.clock.stopped = true;
    const revocation = service.call(
      permits.revokePermit,
      { requestId: randomUUID(), permitId, reason: RevocationReason.INSIDEN_KEAMANAN },
      walikotaGrant,
    );
    while (broker.says(permitId) === 'allowed') await broker.ring();
    assert.equal(broker.says(permitId), 'PERMIT_REVOKED');
    const { answer } = await revocation;
    assert.deepEqual([answer.brokersConfirmed, answer.brokersLapsed], [1, 0]);
    service.clock.stopped = false;
  });

  it('hands out exactly the quota of a permit over four brokers and a thousand calls', async () => {
    const { permitId } = await service.permit({ quotaPerDay: 100 });
    const holders = Array.from(
      { length: 4 },
      () =>
        new QuotaHolder(
          {
            reserve: async (request) => (await service.call(policy.reserveQuota, request)).answer,
            giveBack: (request) => service.call(policy.returnQuota, request),
          },
          Date.now,
          () => performance.now(),
        ),
    );
    const debits = await Promise.allSettled(
      Array.from({ length: 1_000 }, async (_, n) => holders[n % 4]?.debit(permitId, 1)),
    );
    assert.equal(debits.filter(({ status }) => status === 'fulfilled').length, 100);

    for (const debit of debits) if (debit.status === 'fulfilled') debit.value?.refund(1);
    await Promise.all(holders.map((holder) => holder.close()));
    const { rows } = await service.pool.query('select reserved from quota where permit_id = $1', [permitId]);
    assert.deepEqual(rows, [{ reserved: 0 }]);
  });
});
