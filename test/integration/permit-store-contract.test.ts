import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { after, before, describe, it } from 'mocha';
import { RevocationReason } from '#gen/rangkiang/permit/v1/permit.ts';
import { PermitServiceService as permits } from '#gen/rangkiang/permit/v1/permit_service.ts';
import type { MeshError } from '#mesh/errors.ts';
import { GENESIS, nextDigest } from '#mesh/policy-chain.ts';
import { dayNumber, dayText } from '../../broker/quota/day.ts';
import { type PolicyStore, postgresStore } from '../../services/permit/store/policy-store.ts';
import { MemoryStore } from '../../sim/memory-store.ts';
import { izinFor, type PermitService, startPermitService, walikotaGrant } from '../support/permit-service.ts';

/** A store with the hands that change the policy and let a minute pass. */
interface Subject {
  readonly store: PolicyStore;
  issue(quotaPerDay: number): Promise<string>;
  revoke(permitId: string): Promise<void>;
  minutePasses(): Promise<void>;
  stop(): Promise<void>;
}

/** The bytes of the last change. */
async function lastChange(service: PermitService): Promise<Buffer> {
  const { rows } = await service.pool.query<{ change: Buffer }>(
    'select change from policy_log order by version desc limit 1',
  );
  return rows[0]?.change ?? assert.fail();
}

/** Issues a permit, in one change of the policy: it need not be activated to have a quota. */
async function issueAlone(service: PermitService, quotaPerDay: number): Promise<string> {
  const application = await service.apply({ quotaPerDay });
  const jws = await service.sign(izinFor(application));
  const request = { requestId: randomUUID(), applicationId: application.applicationId, jws };
  const { answer } = await service.call(permits.issuePermit, request, walikotaGrant);
  return answer.permit?.permitId ?? assert.fail();
}

async function onPostgres(): Promise<Subject & { service: PermitService }> {
  const service = await startPermitService();
  return {
    service,
    store: postgresStore(service.pool),
    issue: (quotaPerDay) => issueAlone(service, quotaPerDay),
    revoke: async (permitId) => {
      const request = { requestId: randomUUID(), permitId, reason: RevocationReason.PERMINTAAN_OPD };
      await service.call(permits.revokePermit, request, walikotaGrant);
    },
    minutePasses: async () => {
      await service.pool.query("update broker_leases set seen_at = seen_at - interval '60 seconds'");
    },
    stop: () => service.stop(),
  };
}

async function inMemory(): Promise<Subject & { store: MemoryStore }> {
  let aheadMs = 0;
  const store = new MemoryStore(() => Date.now() + aheadMs, 1_000);
  return {
    store,
    issue: async (quotaPerDay) => {
      const permitId = randomUUID();
      store.issue(permitId, quotaPerDay, Buffer.from(`issue ${permitId}`));
      return permitId;
    },
    revoke: async (permitId) => {
      store.revoke(permitId, Buffer.from(`revoke ${permitId}`));
    },
    minutePasses: async () => {
      aheadMs += 60_000;
    },
    stop: async () => {},
  };
}

const reason = (expected: string) => (error: MeshError) => error.reason === expected;
const day = dayText(dayNumber(Date.now()));

/** A broker that has installed all changes. */
async function installed(store: PolicyStore, session: string = randomUUID()) {
  const { incarnation, version, changes } = await store.changesAfter({ incarnation: '', version: 0n });
  return { session, incarnation, version, digest: changes.reduce<Buffer>(nextDigest, GENESIS) };
}

for (const [name, open] of [
  ['on Postgres', onPostgres],
  ['in memory, as simulated', inMemory],
] as const) {
  describe(`the store of leases and quota, ${name}`, () => {
    let subject: Subject;
    let store: PolicyStore;

    before(async () => {
      subject = await open();
      store = subject.store;
    });
    after(() => subject.stop());

    it('renews a lease for the head and for nothing else', async () => {
      await subject.issue(100);
      const head = await installed(store);
      const renewed = await store.renewLease(head);
      assert.equal(renewed?.version, head.version);
      assert.equal(renewed?.incarnation, head.incarnation);
      assert.ok(Math.abs((renewed?.now.getTime() ?? 0) - Date.now()) < 200_000);
      assert.equal(await store.renewLease({ ...head, version: head.version - 1n }), undefined);
      assert.equal(await store.renewLease({ ...head, digest: GENESIS }), undefined);
      assert.equal(await store.renewLease({ ...head, incarnation: randomUUID() }), undefined);
      await subject.issue(100);
      assert.equal(await store.renewLease(head), undefined);
    });

    it('tells the changes after a version, and all of them to another incarnation', async () => {
      const all = await store.changesAfter({ incarnation: randomUUID(), version: 1n });
      assert.equal(all.changes.length, Number(all.version));
      const { changes } = await store.changesAfter({ incarnation: all.incarnation, version: all.version - 1n });
      assert.deepEqual(changes, all.changes.slice(-1));
      assert.deepEqual((await store.changesAfter(all)).changes, []);
      assert.deepEqual((await store.changesAfter({ ...all, version: all.version + 5n })).changes, []);
    });

    it('counts the brokers of the last minute, by what they showed last', async () => {
      await subject.minutePasses();
      const first = await installed(store);
      assert.equal((await store.renewLease(first))?.brokers, 1);
      assert.equal((await store.renewLease(await installed(store)))?.brokers, 2);
      assert.deepEqual(await store.countBrokers(first.version), { current: 2, behind: 0 });
      assert.deepEqual(await store.countBrokers(first.version + 1n), { current: 0, behind: 2 });
      await subject.issue(100);
      await store.renewLease(await installed(store, first.session));
      assert.deepEqual(await store.countBrokers(first.version + 1n), { current: 1, behind: 1 });
      await subject.minutePasses();
      assert.deepEqual(await store.countBrokers(0n), { current: 0, behind: 0 });
    });

    it('reserves up to the quota, once for each reservation', async () => {
      const permitId = await subject.issue(100);
      const wish = { reservationId: randomUUID(), permitId, day, needed: 60 };
      assert.deepEqual(await store.reserveQuota(wish), { rows: 60, left: 40 });
      assert.deepEqual(await store.reserveQuota(wish), { rows: 60, left: 40 });
      const other = { ...wish, reservationId: randomUUID() };
      assert.deepEqual(await store.reserveQuota({ ...other, needed: 41 }), { rows: 0, left: 40 });
      assert.deepEqual(await store.reserveQuota({ ...other, needed: 1 }), { rows: 20, left: 20 });
      const tomorrow = dayText(dayNumber(Date.now()) + 1);
      await assert.rejects(store.reserveQuota({ ...wish, day: tomorrow }), reason('REQUEST_ID_REUSED'));
      await subject.revoke(permitId);
      await assert.rejects(store.reserveQuota(wish), reason('PERMIT_REVOKED'));
      await assert.rejects(store.reserveQuota({ ...wish, permitId: randomUUID() }), reason('PERMIT_NOT_FOUND'));
    });

    it('takes a reservation back once, and no more than it was', async () => {
      const permitId = await subject.issue(100);
      const wish = { reservationId: randomUUID(), permitId, day, needed: 60 };
      await store.reserveQuota(wish);
      await assert.rejects(store.returnQuota(wish.reservationId, 61), reason('REQUEST_INVALID'));
      await store.returnQuota(wish.reservationId, 30);
      await store.returnQuota(wish.reservationId, 60);
      await assert.rejects(store.reserveQuota(wish), reason('REQUEST_ID_REUSED'));
      await assert.rejects(store.returnQuota(randomUUID(), 1), reason('REQUEST_INVALID'));
      assert.deepEqual(await store.reserveQuota({ ...wish, reservationId: randomUUID(), needed: 70 }), {
        rows: 70,
        left: 0,
      });
    });

    it('is a new incarnation after a restore, and has no quota of today left to give', async () => {
      const used = await subject.issue(100);
      const unused = await subject.issue(100);
      const head = await installed(store);
      const reservationId = randomUUID();
      await store.reserveQuota({ reservationId, permitId: used, day, needed: 10 });
      await store.confirmRestored();
      assert.equal(await store.renewLease(head), undefined);
      const again = await installed(store);
      assert.notEqual(again.incarnation, head.incarnation);
      assert.deepEqual([again.version, again.digest], [head.version, head.digest]);
      await store.returnQuota(reservationId, 10);
      for (const permitId of [used, unused]) {
        const wish = { reservationId: randomUUID(), permitId, day, needed: 1 };
        assert.deepEqual(await store.reserveQuota(wish), { rows: 0, left: 0 });
      }
      const fresh = { reservationId: randomUUID(), permitId: await subject.issue(100), day, needed: 60 };
      assert.deepEqual(await store.reserveQuota(fresh), { rows: 60, left: 40 });
    });
  });
}

describe('the simulated store', () => {
  let postgres: Awaited<ReturnType<typeof onPostgres>>;

  before(async () => {
    postgres = await onPostgres();
  });
  after(() => postgres.stop());

  it('answers as Postgres does, whatever is asked in whatever order', async () => {
    const { service } = postgres;
    const sessions = Array.from({ length: 3 }, () => randomUUID());
    const step = fc.oneof(
      fc.record({ do: fc.constant('issue' as const), limit: fc.integer({ min: 1, max: 80 }) }),
      fc.record({ do: fc.constant('revoke' as const), permit: fc.nat(3) }),
      fc.record({ do: fc.constant('renew' as const), session: fc.nat(2), behind: fc.nat(1) }),
      fc.record({ do: fc.constant('minute' as const) }),
      fc.record({ do: fc.constant('restored' as const) }),
      fc.record({
        do: fc.constant('reserve' as const),
        id: fc.nat(5),
        permit: fc.nat(3),
        needed: fc.integer({ min: 1, max: 60 }),
      }),
      fc.record({ do: fc.constant('return' as const), id: fc.nat(5), rows: fc.nat(60) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 30 }), async (steps) => {
        await service.pool.query('truncate broker_leases, policy_log, quota, quota_reservations');
        await service.pool.query('update policy_head set version = 0, digest = $1', [GENESIS]);
        const memory = await inMemory();
        const both = [postgres.store, memory.store] as const;
        const issued: string[] = [];
        const reservations = Array.from({ length: 6 }, () => randomUUID());
        /** Both must answer alike, or refuse for the same reason. */
        const same = async (ask: (store: PolicyStore) => Promise<unknown>) => {
          const [one, two] = await Promise.all(
            both.map((store) => ask(store).catch((error: MeshError) => error.reason ?? error)),
          );
          assert.deepEqual(two, one);
        };
        for (const each of steps) {
          const permitId = ('permit' in each && issued[each.permit]) || sessions[0] || '';
          if (each.do === 'issue') {
            const id = await postgres.issue(each.limit);
            memory.store.issue(id, each.limit, await lastChange(service));
            issued.push(id);
          } else if (each.do === 'revoke') {
            if (!issued.includes(permitId)) continue;
            await postgres.revoke(permitId);
            const { rows } = await service.pool.query<{ change: Buffer }>(
              'select change from policy_log, permits where version = revoke_version and permit_id = $1',
              [permitId],
            );
            memory.store.revoke(permitId, rows[0]?.change ?? assert.fail());
          } else if (each.do === 'minute') {
            await Promise.all([postgres.minutePasses(), memory.minutePasses()]);
          } else if (each.do === 'restored') {
            await same((store) => store.confirmRestored());
          } else if (each.do === 'renew') {
            await same(async (store) => {
              const head = await installed(store, sessions[each.session]);
              const answer = await store.renewLease({ ...head, version: head.version - BigInt(each.behind) });
              return [head.digest, answer?.version, answer?.brokers, await store.countBrokers(head.version)];
            });
          } else if (each.do === 'reserve') {
            const wish = { reservationId: reservations[each.id] ?? '', permitId, day, needed: each.needed };
            await same((store) => store.reserveQuota(wish));
          } else {
            await same((store) => store.returnQuota(reservations[each.id] ?? '', each.rows));
          }
        }
      }),
      { numRuns: 15 },
    );
  });
});
