import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'mocha';
import { AuditServiceService as audits } from '#gen/rangkiang/audit/v1/audit_service.ts';
import { Kind, type Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { Grant, Scope } from '#gen/rangkiang/mesh/v1/grant.ts';
import type { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';
import type { AppendClient } from '#mesh/append-client.ts';
import type { Channel } from '#mesh/client.ts';
import { type Method, methods } from '#mesh/contract.ts';
import { IncomingCall } from '#mesh/server/call.ts';
import type { Snapshot } from '../../broker/policy/snapshot.ts';
import { type CountUse, simulate } from '../../broker/simulate.ts';
import { someEntry } from '../support/audit-entries.ts';
import { type AuditService, startAuditService } from '../support/audit-service.ts';
import { at, issued, izinOf, residentMethods, snapshotOf } from '../support/policy.ts';

const DAY_MS = 86_400_000;
const now = Date.now();
const method = methods.get('/rangkiang.broker.v1.DecisionService/Simulate') as Method;

/** The Walikota's call, or what `changes` say of its grant. */
function call(changes: Partial<Grant> = {}): IncomingCall {
  const grant = Grant.create({ opd: 'WALIKOTA', unit: 'PUSAT', scope: Scope.ALL, ...changes });
  const peer = { kind: 'MESH', name: 'broker', notAfterMs: Number.POSITIVE_INFINITY } as const;
  return new IncomingCall({ method, peer, grant, deadlineMs: now + DAY_MS, traceparent: '' });
}

describe('Simulate with the records of the audit service', function () {
  this.timeout(120_000);
  let audit: AuditService;
  let client: AppendClient;
  let broker: Channel;
  let old: Izin;
  let snapshot: Snapshot;

  const years = { validFrom: new Date(now - 300 * DAY_MS), validUntil: new Date(now + 300 * DAY_MS) };
  const countUse: CountUse = (request) => broker.unary(audits.countUse, request, { timeoutMs: 10_000 });
  const ask = (draft: Izin, replaces = '', days = 0, by = call()) =>
    simulate({ current: () => ({ snapshot, time: at(now) }) }, countUse)({ draft, replaces, days }, by);

  before(async () => {
    audit = await startAuditService();
    client = audit.client('broker');
    broker = await audit.broker();
    old = izinOf(years);
    snapshot = await snapshotOf(issued(old), issued(izinOf({ ...years, number: '470/777', opd: 'DISDIK' })));
    const record = (daysAgo: number, changes: Partial<Leaf>) =>
      client.append(
        someEntry({
          unit: 'PKM-PAUH',
          purpose: Purpose.PELAYANAN_PUBLIK,
          timeUs: BigInt(now - daysAgo * DAY_MS) * 1_000n,
          ...changes,
        }),
        30_000,
      );
    const denied = { kind: Kind.DENIED, method: residentMethods.family, reason: 'METHOD_NOT_GRANTED' };
    for (const daysAgo of [90, 60, 40, 20, 2]) {
      await record(daysAgo, { permit: old.permitId, method: residentMethods.get });
      await record(daysAgo, { ...denied, permit: randomUUID() });
      await record(daysAgo, { ...denied, opd: 'DISDIK' });
    }
  });
  after(() => audit.stop());

  it('decides again what was recorded in the last 30 days, or in as many as are asked for', async () => {
    const draft = izinOf({ ...years, methods: [residentMethods.family] });
    const month = await ask(draft, old.permitId);
    const counts = ({ use }: typeof month) =>
      use && [use.answered, use.answeredNowDenied, use.denied, use.deniedNowAllowed];
    assert.deepEqual(counts(month), [2n, 2n, 2n, 2n]);
    assert.equal(month.use?.since?.getTime(), now - 30 * DAY_MS);
    assert.equal(month.use?.cutShort, false);
    assert.deepEqual(month.use?.unused, []);
    assert.deepEqual(counts(await ask(draft, '', 70)), [4n, 0n, 4n, 4n]);
    const idle = await ask(draft, '', 1);
    assert.deepEqual(idle.use?.unused, [{ permit: old.permitId, number: old.number }]);
  });

  it('does not hang on the hour at which one asks, and shows the hours side by side', async () => {
    const ahead = (hours: number) => new Date(now + (7 + hours) * 3_600_000).toISOString().slice(11, 16);
    const shut = [{ days: [], from: ahead(2), until: ahead(3) }];
    const draft = izinOf({ ...years, hours: shut, legalBasis: 'Perwali 12/2024 Pasal 3', subPurpose: 'rawat jalan' });
    const answer = await ask({ ...draft, methods: [residentMethods.family] }, old.permitId);
    assert(answer.gains.some(({ methods: gained, whole }) => whole && gained.includes(residentMethods.family)));
    assert.equal(answer.use?.deniedNowAllowed, 2n);
    assert.deepEqual(
      answer.terms.map(({ hours, legalBasis, subPurpose }) => ({ hours, legalBasis, subPurpose })),
      [
        { hours: shut, legalBasis: draft.legalBasis, subPurpose: draft.subPurpose },
        { hours: [], legalBasis: '', subPurpose: '' },
      ],
    );
    // A permit in force that is shut at this hour is no less in force.
    const usual = snapshot;
    snapshot = await snapshotOf(issued({ ...old, hours: shut }));
    const renewed = await ask(izinOf({ ...years }), old.permitId);
    snapshot = usual;
    assert.deepEqual([renewed.gains, renewed.losses], [[], []]);
  });

  it("compares at the first moment of a draft that begins later, when today's permit may be over", async () => {
    const later = izinOf({ validFrom: years.validUntil, validUntil: new Date(now + 400 * DAY_MS) });
    const answer = await ask(later);
    assert.equal(answer.comparedAt?.getTime(), years.validUntil.getTime());
    assert(answer.gains.every(({ whole }) => whole) && answer.gains.length === 2);
    assert.deepEqual(answer.overlaps, []);
  });

  it('names regions that do not exist, refuses a replaced permit of another OPD, and answers offices only', async () => {
    const units = [{ unit: 'PKM-PAUH', regions: ['13.71.08', '13.71.77'] }];
    assert.deepEqual((await ask(izinOf({ ...years, units }))).unknownRegions, ['13.71.77']);
    await assert.rejects(ask(izinOf(years), snapshot.permits[1]?.id), { reason: 'PERMIT_NOT_FOUND' });
    await assert.rejects(ask(izinOf(years), '', 0, call({ scope: Scope.OWN })), { reason: 'NO_PERMIT' });
  });
});
