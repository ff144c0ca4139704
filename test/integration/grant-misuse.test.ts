import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'mocha';
import { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import { Dimension, GetResidentRequest } from '#gen/rangkiang/resident/v1/resident.ts';
import { ResidentServiceService as service } from '#gen/rangkiang/resident/v1/resident_service.ts';
import type { Channel } from '#mesh/client.ts';
import { methods } from '#mesh/contract.ts';
import { reasonOf } from '#mesh/errors.ts';
import { meshId, opdId } from '#mesh/spiffe.ts';
import { Trunk } from '#mesh/trunk/trunk.ts';
import { allow } from '../../services/resident/allow.ts';
import { type AuditService, startAuditService } from '../support/audit-service.ts';
import { importRow, resident } from '../support/resident-rows.ts';
import {
  granted,
  type ResidentService,
  registryGrant,
  startResidentService,
  wideGrant,
} from '../support/resident-service.ts';

const [person, other] = [resident(1), resident(2)];
const bytes = (body: Buffer): Buffer => body;

describe('a grant in the wrong hands', function () {
  this.timeout(120_000);
  let audit: AuditService;
  let running: ResidentService;
  before(async () => {
    audit = await startAuditService();
    running = await startResidentService(undefined, audit.client('resident'));
    await running.enter([person, other].map((each) => importRow({ resident: each })));
  });
  after(async () => {
    await running.stop();
    await audit.stop();
  });

  const grantWith = (callId: Buffer): Partial<Grant> => ({ ...wideGrant, callId });
  const get = (grant: Partial<Grant>, nik = person.nik ?? '') =>
    running.call(service.getResident, { nik, elements: [] }, grant);

  /** What the service answers over a trunk: a reason, or undefined where data came. */
  async function carried(channel: Channel, method: string, body: Uint8Array, grant: Partial<Grant>) {
    const trunk = new Trunk(channel);
    const options = {
      grant: Grant.encode(Grant.fromPartial(grant)).finish(),
      traceparent: '',
      deadlineMs: Date.now() + 30_000,
      queue: '',
    };
    try {
      const answer = await trunk.call(method, Buffer.from(body), options).answer;
      return answer.code === 0 ? undefined : reasonOf(answer.status);
    } finally {
      trunk.close();
    }
  }

  const recordsOf = async (callId: Buffer) =>
    (await audit.entries()).filter(({ leaf }) => leaf.eventId.equals(callId)).length;

  for (const id of [meshId('audit'), meshId('permit'), meshId('signer'), meshId('resident')]) {
    it(`is believed from no other process of the mesh, for no method, by either way: ${id}`, async () => {
      const channel = await running.connectAs(id);
      for (const path of Object.keys(allow)) {
        const grant = grantWith(randomBytes(16));
        const definition = { path, requestSerialize: bytes, responseDeserialize: bytes };
        const options = { metadata: granted(grant), timeoutMs: 30_000 };
        const method = methods.get(path);
        if (method?.requestStream) {
          const stream = channel.duplex(definition, options);
          await assert.rejects(async () => {
            for await (const _ of stream) assert.fail('answered');
          }, /7 PERMISSION_DENIED/);
          continue;
        }
        const refused = { reason: 'CALLER_NOT_ALLOWED' };
        await assert.rejects(channel.unary(definition, Buffer.alloc(0), options), refused, path);
        assert.equal(await carried(channel, path, Buffer.alloc(0), grant), 'CALLER_NOT_ALLOWED', path);
      }
    });
  }

  it('opens nothing to the OPD to which it was given, nor to another', async () => {
    for (const id of [opdId('DKK', 'PUSAT', 'simpus'), opdId('DISDIK', 'PUSAT', 'dapodik')]) {
      const channel = await running.connectAs(id);
      const options = { metadata: granted(wideGrant), timeoutMs: 30_000 };
      await assert.rejects(channel.unary(service.getResident, { nik: person.nik ?? '', elements: [] }, options), {
        reason: 'CALLER_NOT_ALLOWED',
      });
    }
  });

  it('of a permit opens no method of statute, and one of statute shows and counts no resident', async () => {
    await assert.rejects(running.sendChunks([{ importId: person.nik ?? '', chunkNumber: 0n, rows: [] }], wideGrant));
    const claims = { ...resident(1), nik: undefined };
    for (const call of [
      get(registryGrant),
      running.call(service.getFamily, { key: { $case: 'nik', value: person.nik ?? '' }, elements: [] }, registryGrant),
      running.call(service.verifyResident, { nik: person.nik ?? '', claims }, registryGrant),
    ]) {
      await assert.rejects(call, { reason: 'ELEMENT_NOT_GRANTED' });
    }
    const counted = { groupBy: [Dimension.KECAMATAN], regions: [] };
    await assert.rejects(running.call(service.aggregateResidents, counted, registryGrant), {
      reason: 'REGION_NOT_GRANTED',
    });
  });

  it('is used up by its first answer: neither at once, later, by the other way, nor for another message', async () => {
    const callId = randomBytes(16);
    const grant = grantWith(callId);
    assert.equal((await get(grant)).answer.resident?.nik, person.nik);
    const body = GetResidentRequest.encode({ nik: person.nik ?? '', elements: [] }).finish();
    const refused = { reason: 'AUDIT_UNAVAILABLE' };
    await assert.rejects(get(grant), refused, 'the same message');
    await assert.rejects(get(grant, other.nik), refused, 'another message');
    await assert.rejects(get(grant, resident(99).nik), refused, 'nobody');
    const counted = { groupBy: [Dimension.KECAMATAN], regions: [] };
    await assert.rejects(running.call(service.aggregateResidents, counted, grant), refused, 'another method');
    assert.equal(await carried(running.channel, service.getResident.path, body, grant), 'AUDIT_UNAVAILABLE');
    await audit.first.kill();
    await audit.first.start();
    let reason: unknown;
    do {
      reason = await get(grantWith(randomBytes(16))).catch((error) => error.reason);
    } while (reason === 'AUDIT_UNAVAILABLE');
    await assert.rejects(get(grant), refused, 'after the log was started again');
    assert.equal(await recordsOf(callId), 1);
  });

  it('gives one answer when it is used by many at the same time', async () => {
    const callId = randomBytes(16);
    const answers = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => get(grantWith(callId), n % 2 === 0 ? person.nik : other.nik)),
    );
    assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.equal(await recordsOf(callId), 1);
  });
});
