import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type handleUnaryCall, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { after, before, describe, it } from 'mocha';
import { LoadConnection, type Target } from '../../../../bench/load/connection.ts';
import { testCertificates } from '../../../support/certificates.ts';

const path = '/bench.v1.Echo/Say';
const peer = 'spiffe://padang.go.id/mesh/broker';
const same = (bytes: Buffer): Buffer => bytes;

/** Says what it heard; refuses the message "no" with a status of one digit and "never" with one of two. */
const say: handleUnaryCall<Buffer, Buffer> = ({ request, metadata }, callback) => {
  assert.deepEqual(metadata.get('rangkiang-purpose'), ['PELAYANAN_PUBLIK']);
  const refusals: Record<string, number> = { no: status.PERMISSION_DENIED, never: status.UNAVAILABLE };
  const code = refusals[request.toString()];
  if (code === undefined) callback(null, request);
  else callback({ code, details: 'refused' });
};

describe('LoadConnection against a grpc-js server', () => {
  const server = new Server();
  let target: Target;

  before(async () => {
    const certificates = await testCertificates();
    const [mine, callers] = await Promise.all([
      certificates.issue(peer),
      certificates.issue('spiffe://padang.go.id/opd/DKK/unit/PKM-ANDALAS/sistem/simpus'),
    ]);
    const read = (file: string) => readFileSync(file);
    server.register(path, say, same, same, 'unary');
    const pair = { cert_chain: read(mine.cert), private_key: read(mine.key) };
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(
        '127.0.0.1:0',
        ServerCredentials.createSsl(read(certificates.ca), [pair], true),
        (error, bound) => (error === null ? resolve(bound) : reject(error)),
      );
    });
    target = {
      address: `127.0.0.1:${port}`,
      peer,
      tls: {
        ca: read(certificates.ca).toString(),
        cert: read(callers.cert).toString(),
        key: read(callers.key).toString(),
      },
      path,
      metadata: [['rangkiang-purpose', 'PELAYANAN_PUBLIK']],
      bodies: [],
    };
  });
  after(() => server.forceShutdown());

  /** Calls until `enough` answers are in; answers how often each status came with how many bytes. */
  async function statuses(bodies: string[], enough: number): Promise<Map<string, number>> {
    const seen = new Map<string, number>();
    let connection: LoadConnection | undefined;
    let answers = 0;
    await new Promise<void>((resolve, reject) => {
      const onAnswer = (code: number, _durationMs: number, dataBytes: number) => {
        const key = `${code} with ${dataBytes}`;
        seen.set(key, (seen.get(key) ?? 0) + 1);
        if (++answers === enough) resolve(connection?.drain());
      };
      const encoded = bodies.map((body) => Buffer.from(body).toString('base64'));
      LoadConnection.open({ ...target, bodies: encoded }, onAnswer, reject).then((opened) => {
        connection = opened;
        connection.load(8);
      }, reject);
    });
    return seen;
  }

  it('sends every message in turn and counts the answers', async () => {
    const seen = await statuses(['a', 'bcd'], 1_000);
    assert.deepEqual([...seen.keys()].toSorted(), ['0 with 6', '0 with 8']);
    const [short = 0, long = 0] = [seen.get('0 with 6'), seen.get('0 with 8')];
    assert.ok(short + long >= 1_000 && Math.abs(short - long) <= 8, `${short} and ${long}`);
  });

  it('tells refusals apart by their status', async () => {
    const seen = await statuses(['yes', 'no', 'never'], 300);
    assert.deepEqual([...seen.keys()].toSorted(), ['0 with 8', '14 with 0', '7 with 0']);
  });

  it('refuses a server with another identity', async () => {
    const other = { ...target, peer: 'spiffe://padang.go.id/mesh/audit', bodies: [''] };
    await assert.rejects(
      LoadConnection.open(
        other,
        () => undefined,
        () => undefined,
      ),
      /somebody else/,
    );
  });
});
