import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import type { ServiceError } from '@grpc/grpc-js';
import { after, before, describe, it } from 'mocha';
import { AuditServiceService } from '#gen/rangkiang/audit/v1/audit_service.ts';
import {
  RenewRequest,
  RenewResponse,
  type ReserveQuotaRequest,
  type ReserveQuotaResponse,
} from '#gen/rangkiang/permit/v1/policy.ts';
import { PolicyServiceService } from '#gen/rangkiang/permit/v1/policy_service.ts';
import { type Channel, connect, meshErrorOf } from '#mesh/client.ts';
import { MeshError } from '#mesh/errors.ts';
import { implement, type MeshServer, startServer } from '#mesh/server.ts';
import { meshId, opdId } from '#mesh/spiffe.ts';
import type { TlsFiles } from '#mesh/tls.ts';
import { Trunk } from '#mesh/trunk/trunk.ts';
import { testCertificates } from '../support/certificates.ts';

const RENEW = '/rangkiang.permit.v1.PolicyService/Renew';
const NO_GRANT = new Uint8Array();

function renewal(version: bigint): RenewRequest {
  return {
    brokerSession: '3f1c6f3e-93c4-4a6e-8d8e-0d6a1a2b3c4d',
    incarnation: '',
    version,
    digest: Buffer.alloc(32),
  };
}

function renewalBytes(version: bigint): Buffer {
  return Buffer.from(RenewRequest.encode(renewal(version)).finish());
}

describe('a trunk between two processes', () => {
  let tls: { permit: TlsFiles; broker: TlsFiles; opd: TlsFiles; audit: TlsFiles };
  let server: MeshServer;
  let channel: Channel;
  let trunk: Trunk;
  let release: (() => void)[] = [];
  const aborted: bigint[] = [];

  async function start(listen: string): Promise<MeshServer> {
    const implementation = implement(PolicyServiceService, {
      renew: async (request, call) => {
        if (request.version === 7n) throw new MeshError('STATE_CONFLICT', { values: { state: 'x' } });
        if (request.version === 8n) {
          call.signal.addEventListener('abort', () => aborted.push(request.version));
          await new Promise<void>((resolve) => {
            release.push(resolve);
          });
        }
        return RenewResponse.create({ version: request.version + 1n });
      },
      reserveQuota: async (_: ReserveQuotaRequest): Promise<ReserveQuotaResponse> => ({ rows: 0, rowsLeft: 0 }),
      readChanges: async () => ({ changes: [] }),
      returnQuota: async () => ({}),
    });
    const service = '/rangkiang.permit.v1.PolicyService';
    return startServer({
      name: 'permit',
      listen,
      tls: tls.permit,
      allow: {
        [`${service}/Renew`]: ['broker'],
        [`${service}/ReadChanges`]: ['broker'],
        [`${service}/ReserveQuota`]: ['broker'],
        [`${service}/ReturnQuota`]: ['broker'],
      },
      implementations: [implementation],
      onFault: (error) => {
        throw error;
      },
    });
  }

  before(async () => {
    const certificates = await testCertificates();
    tls = {
      permit: await certificates.issue(meshId('permit')),
      broker: await certificates.issue(meshId('broker')),
      audit: await certificates.issue(meshId('audit')),
      opd: await certificates.issue(opdId('DKK', 'PUSAT', 'simpus')),
    };
    server = await start('127.0.0.1:0');
    channel = connect({ address: server.address, peer: 'permit', tls: tls.broker });
    trunk = new Trunk(channel);
  });

  after(async () => {
    trunk.close();
    channel.close();
    await server.drain(100);
  });

  function send(version: bigint, deadlineMs = Date.now() + 5_000) {
    return trunk.call(RENEW, renewalBytes(version), { grant: NO_GRANT, traceparent: '', deadlineMs, queue: 'DKK' });
  }

  it('answers each call with its own answer', async () => {
    const answers = await Promise.all(Array.from({ length: 500 }, (_, i) => send(BigInt(100 + i)).answer));
    assert.deepEqual(
      answers.map((answer) => RenewResponse.decode(answer.body).version),
      Array.from({ length: 500 }, (_, i) => BigInt(101 + i)),
    );
  });

  it('serves the same handler as an ordinary gRPC method', async () => {
    const answer = await channel.unary(PolicyServiceService.renew, renewal(41n), { timeoutMs: 5_000 });
    assert.equal(answer.version, 42n);
  });

  it('carries a refusal with its reason', async () => {
    const answer = await send(7n).answer;
    assert.equal(answer.code, 9);
    await assert.rejects(channel.unary(PolicyServiceService.renew, renewal(7n), { timeoutMs: 5_000 }), {
      reason: 'STATE_CONFLICT',
    });
  });

  it('refuses bytes that are no request and fields that break their rules', async () => {
    const call = trunk.call(RENEW, Buffer.from([0xff]), {
      grant: NO_GRANT,
      traceparent: '',
      deadlineMs: Date.now() + 5_000,
      queue: '',
    });
    assert.equal((await call.answer).code, 3);
    await assert.rejects(
      channel.unary(PolicyServiceService.renew, { ...renewal(1n), brokerSession: 'x' }, { timeoutMs: 5_000 }),
      {
        reason: 'REQUEST_INVALID',
      },
    );
  });

  it('cancels at the callee when the time is over', async () => {
    const call = send(8n, Date.now() + 200);
    await assert.rejects(call.answer, { reason: 'DEADLINE_EXCEEDED' });
    assert.ok(call.wasSent());
    while (aborted.length === 0) await new Promise(setImmediate);
    for (const done of release) done();
    release = [];
  });

  it('never sends a call that was given up while it waited', async () => {
    const call = send(8n);
    call.cancel();
    await assert.rejects(call.answer, { reason: 'CANCELLED' });
    await send(1n).answer;
    assert.ok(!call.wasSent());
    assert.equal(release.length, 0);
  });

  it('lets in only the processes of the allow-list, by either way', async () => {
    for (const files of [tls.audit, tls.opd]) {
      const other = connect({ address: server.address, peer: 'permit', tls: files });
      await assert.rejects(other.unary(PolicyServiceService.renew, renewal(1n), { timeoutMs: 5_000 }), {
        reason: 'CALLER_NOT_ALLOWED',
      });
      other.close();
    }
    const other = connect({ address: server.address, peer: 'permit', tls: tls.audit });
    const otherTrunk = new Trunk(other);
    const answer = await otherTrunk.call(RENEW, renewalBytes(1n), {
      grant: NO_GRANT,
      traceparent: '',
      deadlineMs: Date.now() + 5_000,
      queue: '',
    }).answer;
    assert.equal(answer.code, 7);
    otherTrunk.close();
    other.close();
  });

  it('does not talk to a server that is another process', async () => {
    const wrong = connect({ address: server.address, peer: 'audit', tls: tls.broker });
    await assert.rejects(wrong.unary(PolicyServiceService.renew, renewal(1n), { timeoutMs: 1_000 }));
    wrong.close();
  });

  it('moves to the next process before the old one is gone, losing no call', async () => {
    const waiting = send(8n);
    while (release.length === 0) await new Promise(setImmediate);
    const drained = server.drain(5_000);
    for (const done of release) done();
    release = [];
    assert.equal((await waiting.answer).code, 0);
    await drained;
    const address = server.address;
    server = await start(address);
    let version: bigint | undefined;
    while (version === undefined) {
      version = await send(1n).answer.then(
        (answer) => RenewResponse.decode(answer.body).version,
        () => undefined,
      );
    }
    assert.equal(version, 2n);
  });

  it('fails the calls of a broken line at once and says that they were sent', async () => {
    const sockets: Socket[] = [];
    const wire = createServer((socket) => {
      const [host, port] = server.address.split(':');
      const onward = createConnection({ host, port: Number(port) });
      sockets.push(socket, onward);
      for (const end of [socket, onward]) end.on('error', () => {});
      socket.pipe(onward).pipe(socket);
    }).listen(0, '127.0.0.1');
    await once(wire, 'listening');
    const { port } = wire.address() as AddressInfo;
    const far = connect({ address: `127.0.0.1:${port}`, peer: 'permit', tls: tls.broker });
    const farTrunk = new Trunk(far);
    const call = farTrunk.call(RENEW, renewalBytes(8n), {
      grant: NO_GRANT,
      traceparent: '',
      deadlineMs: Date.now() + 50_000,
      queue: '',
    });
    while (release.length === 0) await new Promise(setImmediate);
    for (const socket of sockets) socket.destroy();
    wire.close();
    await assert.rejects(call.answer, { reason: 'SERVICE_UNAVAILABLE' });
    assert.ok(call.wasSent());
    for (const done of release) done();
    farTrunk.close();
    far.close();
  });
});

describe('a server', () => {
  it('does not start with an allow-list that does not match its methods', async () => {
    const certificates = await testCertificates();
    const tls = await certificates.issue(meshId('permit'));
    const options = { name: 'permit', listen: '127.0.0.1:0', tls, implementations: [], onFault: () => {} };
    await assert.rejects(startServer({ ...options, allow: { '/x.Y/Z': ['broker'] } }), /allowed but not served/);
  });

  it('names the address that is taken', async () => {
    const certificates = await testCertificates();
    const tls = await certificates.issue(meshId('permit'));
    const options = { name: 'permit', tls, allow: {}, implementations: [], onFault: () => {} };
    const first = await startServer({ ...options, listen: '127.0.0.1:0' });
    await assert.rejects(startServer({ ...options, listen: first.address }), new RegExp(first.address));
    await first.drain(0);
  });
});

describe('a stream', () => {
  it('ends with the status of a handler that stops reading', async () => {
    const certificates = await testCertificates();
    const implementation = implement(AuditServiceService, {
      // biome-ignore lint/correctness/useYield: this handler only refuses
      append: async function* (requests) {
        for await (const _ of requests) throw new MeshError('REQUEST_INVALID');
      },
      listRecords: async () => ({ records: [], nextPageToken: '', searchedFromIndex: 0n }),
      getRecord: async () => ({ record: undefined }),
      readRecord: async () => ({ record: undefined }),
      watchRecords: async function* () {},
      pruneRecords: async () => ({ pruned: [], staying: [], nextIndex: 0n }),
      countUse: async () => ({ counts: [], complete: true, countedSince: undefined }),
    });
    const service = '/rangkiang.audit.v1.AuditService';
    const methods = ['Append', 'ListRecords', 'GetRecord', 'WatchRecords', 'ReadRecord', 'CountUse', 'PruneRecords'];
    const server = await startServer({
      name: 'audit',
      listen: '127.0.0.1:0',
      tls: await certificates.issue(meshId('audit')),
      allow: Object.fromEntries(methods.map((name) => [`${service}/${name}`, ['broker']])),
      implementations: [implementation],
      onFault: () => {},
    });
    const channel = connect({
      address: server.address,
      peer: 'audit',
      tls: await certificates.issue(meshId('broker')),
    });
    const stream = channel.duplex(AuditServiceService.append);
    stream.write({ entries: [] });
    const [error] = (await once(stream, 'error')) as [ServiceError];
    assert.equal(meshErrorOf(error).reason, 'REQUEST_INVALID');
    channel.close();
    await server.drain(0);
  });
});
