import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ClientReadableStream, ServiceError } from '@grpc/grpc-js';
import { after, before, describe, it } from 'mocha';
import type { WatchRecordsResponse } from '#gen/rangkiang/audit/v1/audit.ts';
import { AuditServiceService as service } from '#gen/rangkiang/audit/v1/audit_service.ts';
import { EmergencyUseServiceService as emergencyUse } from '#gen/rangkiang/audit/v1/emergency_use_service.ts';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { FollowPolicyResponse } from '#gen/rangkiang/audit/v1/policy_feed.ts';
import { PolicyFeedServiceService as feed } from '#gen/rangkiang/audit/v1/policy_feed_service.ts';
import { Scope } from '#gen/rangkiang/mesh/v1/grant.ts';
import type { AppendClient } from '#mesh/append-client.ts';
import { type Channel, meshErrorOf } from '#mesh/client.ts';
import { MeshError } from '#mesh/errors.ts';
import { everything } from '../../services/audit/domain/record-filter.ts';
import { someEntry } from '../support/audit-entries.ts';
import { type AuditService, securityCall, startAuditService } from '../support/audit-service.ts';

type Watch = ClientReadableStream<WatchRecordsResponse>;

const hasReason = (reason: string) => (error: unknown) => error instanceof MeshError && error.reason === reason;

/** The answers of a watch, one by one. */
function answersOf(watch: Watch): AsyncIterator<WatchRecordsResponse> {
  watch.on('error', () => {});
  return (watch as AsyncIterable<WatchRecordsResponse>)[Symbol.asyncIterator]();
}

/** Reads a watch until it has got beyond `index`, then breaks it off. Resolves with the indexes that it gave. */
async function watchBeyond(watch: Watch, index: bigint, answers = answersOf(watch)): Promise<bigint[]> {
  const indexes: bigint[] = [];
  for (;;) {
    const { value } = (await answers.next()) as { value: WatchRecordsResponse };
    indexes.push(...value.records.map((record) => record.index));
    if (value.nextIndex > index) break;
  }
  watch.cancel();
  return indexes;
}

/** How a watch fails. */
async function failureOf(watch: Watch): Promise<MeshError> {
  watch.resume();
  const [error] = (await once(watch, 'error')) as [ServiceError];
  return meshErrorOf(error);
}

describe('reading the audit log', function () {
  this.timeout(120_000);
  let audit: AuditService;
  let client: AppendClient;
  let broker: Channel;

  before(async () => {
    audit = await startAuditService();
    client = audit.client('resident');
    broker = await audit.broker();
  });
  after(() => audit.stop());

  /** Appends so many records; resolves with the index of the last. */
  async function grow(count: number): Promise<bigint> {
    const appended = await Promise.all(Array.from({ length: count }, () => client.append(someEntry(), 30_000)));
    // One stream keeps its order.
    return appended.at(-1)?.index ?? 0n;
  }

  const watch = (fromIndex: bigint | undefined, changes = {}, channel = broker) => {
    const { metadata, callId } = securityCall(changes);
    return {
      stream: channel.serverStream(service.watchRecords, { fromIndex, filter: everything }, { metadata }),
      callId,
    };
  };

  const recordsOf = async (callId: Buffer) =>
    (await audit.entries()).filter(({ leaf }) => leaf.eventId.equals(callId) || leaf.refersTo.equals(callId));

  describe('ListRecords and GetRecord', () => {
    it('show the newest first and each by its index, and are recorded themselves', async () => {
      const last = await grow(5);
      const { metadata, callId } = securityCall();
      const page = await broker.unary(
        service.listRecords,
        { filter: everything, pageSize: 3, pageToken: '' },
        { metadata },
      );
      assert.deepEqual(
        page.records.map(({ index }) => index),
        [last, last - 1n, last - 2n],
      );
      const [record] = await recordsOf(callId);
      assert.deepEqual([record?.leaf.kind, record?.leaf.rows, record?.leaf.writer], [Kind.READ, 3, 'audit']);
      assert.equal(record?.index, last + 1n);

      const { record: shown } = await broker.unary(
        service.getRecord,
        { index: last },
        { metadata: securityCall().metadata },
      );
      assert.deepEqual(shown, page.records[0]);
      assert.deepEqual(shown?.leafBytes, (await audit.entries())[Number(last)]?.leafBytes);
    });

    it('say that a record is not there yet, and record that they were asked', async () => {
      for (const index of [1_000_000n, (1n << 64n) - 1n]) {
        const { metadata, callId } = securityCall();
        await assert.rejects(broker.unary(service.getRecord, { index }, { metadata }), hasReason('RECORD_NOT_FOUND'));
        assert.equal((await recordsOf(callId))[0]?.leaf.kind, Kind.EMPTY);
      }
    });

    it('show nothing under a grant that does not reach everything', async () => {
      for (const scope of [Scope.OWN, Scope.UNSPECIFIED]) {
        const one = broker.unary(service.getRecord, { index: 0n }, { metadata: securityCall({ scope }).metadata });
        await assert.rejects(one, hasReason('NO_PERMIT'));
        const request = { filter: everything, pageSize: 0, pageToken: '' };
        const page = broker.unary(service.listRecords, request, { metadata: securityCall({ scope }).metadata });
        await assert.rejects(page, hasReason('NO_PERMIT'));
        assert.equal((await failureOf(watch(0n, { scope }).stream)).reason, 'NO_PERMIT');
      }
    });
  });

  describe('ListEmergencyOperators', () => {
    it('names the operators whose calls an activation carried, each once, and is for the permit service alone', async () => {
      const [activationId, another] = [crypto.randomUUID(), crypto.randomUUID()];
      const uses: [emergency: string, operatorPseudonym: string, opd?: string][] = [
        [activationId, 'a'.repeat(32)],
        [activationId, 'b'.repeat(32)],
        [activationId, 'a'.repeat(32)],
        [activationId, ''],
        [another, 'c'.repeat(32)],
        ['', 'd'.repeat(32)],
        [activationId, 'e'.repeat(32), 'DISDIK'],
      ];
      for (const [emergency, operatorPseudonym, opd = 'DKK'] of uses) {
        await client.append(someEntry({ emergency, operatorPseudonym, opd }), 30_000);
      }
      const request = { opd: 'DKK', activationId, from: new Date(1_790_000_000_000) };
      const permit = await audit.peer('permit');
      const { operatorPseudonyms } = await permit.unary(emergencyUse.listEmergencyOperators, request);
      assert.deepEqual(operatorPseudonyms.sort(), ['a'.repeat(32), 'b'.repeat(32)]);
      const later = { ...request, from: new Date(1_790_000_000_000 + 2 * 3_600_000) };
      assert.deepEqual((await permit.unary(emergencyUse.listEmergencyOperators, later)).operatorPseudonyms, []);
      await assert.rejects(broker.unary(emergencyUse.listEmergencyOperators, request), hasReason('CALLER_NOT_ALLOWED'));
    });
  });

  describe('FollowPolicy', () => {
    const follow = (fromIndex: bigint, channel = broker) => {
      const stream = channel.serverStream(feed.followPolicy, { fromIndex });
      stream.on('error', () => {});
      return { stream, answers: (stream as AsyncIterable<FollowPolicyResponse>)[Symbol.asyncIterator]() };
    };
    const change = () => client.append(someEntry({ kind: Kind.POLICY }));

    it('gives the records of the policy from an index on, and what any replica commits, without the others', async () => {
      const before = await change();
      await grow(3);
      const other = await audit.another();
      const { stream, answers } = follow(before.index, await audit.broker(other));
      const first = (await answers.next()).value as FollowPolicyResponse;
      assert.deepEqual(
        first.records.map(({ index }) => index),
        [before.index],
      );
      assert.equal(first.nextIndex, first.size);
      const { index } = await change();
      let later: FollowPolicyResponse;
      do later = (await answers.next()).value;
      while (later.records.length === 0);
      assert.deepEqual(
        later.records.map((record) => record.index),
        [index],
      );
      stream.cancel();
    });
  });

  describe('WatchRecords', () => {
    it('gives every record in order from an index on, and those that come while it watches', async () => {
      await grow(450);
      const { stream } = watch(0n);
      const answers = answersOf(stream);
      const { value: first } = (await answers.next()) as { value: WatchRecordsResponse };
      const last = await grow(10);
      const all = [...first.records.map(({ index }) => index), ...(await watchBeyond(stream, last, answers))];
      assert.deepEqual(
        all,
        all.map((_, at) => BigInt(at)),
      );
      assert.ok(all.length > Number(last));
    });

    it('begins at the end when no index is given, and with its own record', async () => {
      const last = await grow(3);
      const { stream, callId } = watch(undefined);
      const [own] = await watchBeyond(stream, last + 1n);
      assert.equal(own, last + 1n);
      assert.deepEqual((await audit.entries())[Number(own)]?.leaf.eventId, callId);
    });

    it('records that it was opened and closed, and how many records left', async () => {
      const last = await grow(2);
      const { stream, callId } = watch(last - 1n);
      await watchBeyond(stream, last);
      let records = await recordsOf(callId);
      while (records.length < 2) records = await recordsOf(callId);
      const [opened, closed] = records.map(({ leaf }) => leaf);
      assert.deepEqual([opened?.kind, opened?.eventId], [Kind.WATCH_OPENED, callId]);
      assert.deepEqual([closed?.kind, closed?.refersTo], [Kind.WATCH_CLOSED, callId]);
      assert.equal(closed?.opd, 'SECURITY');
      assert.ok((closed?.rows ?? 0) >= 2);
    });

    it('refuses to wait at an index that the log has not reached: it may have lost what the caller saw', async () => {
      assert.equal((await failureOf(watch(1_000_000n).stream)).reason, 'RECORD_NOT_FOUND');
    });

    it('sees what another replica commits', async () => {
      const other = await audit.another();
      const { stream } = watch(undefined, {}, await audit.broker(other));
      const answers = answersOf(stream);
      await answers.next();
      const last = await grow(5);
      const indexes = await watchBeyond(stream, last, answers);
      assert.equal(indexes.includes(last), true);
    });

    it('tells its callers to come again when its process stops, having recorded the end', async () => {
      const leaving = await audit.another();
      const { stream, callId } = watch(0n, {}, await audit.broker(leaving));
      await once(stream, 'data');
      const failure = failureOf(stream);
      leaving.child.process.kill('SIGTERM');
      assert.equal((await failure).reason, 'SERVICE_UNAVAILABLE');
      assert.equal(await leaving.child.exit, 0);
      assert.equal((await recordsOf(callId)).at(-1)?.leaf.kind, Kind.WATCH_CLOSED);
    });
  });
});
