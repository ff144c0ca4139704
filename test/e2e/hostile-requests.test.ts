import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from 'node:http2';
import { status as GrpcStatus } from '@grpc/grpc-js';
import { after, before, describe, it } from 'mocha';
import { GetResidentRequest } from '#gen/rangkiang/resident/v1/resident.ts';
import { LoadConnection } from '../../bench/load/connection.ts';
import { startMesh, type TestMesh } from '../support/mesh.ts';

// The door as an attacker with a valid certificate sees it: below grpc-js, frame by frame.

const GET_RESIDENT = '/rangkiang.resident.v1.ResidentService/GetResident';

/** What came back: gRPC status, bytes of messages, and where the record is. */
interface Outcome {
  readonly status: number | undefined;
  readonly dataBytes: number;
  readonly auditIndex: string | undefined;
  /** Everything else beside it, but what differs from call to call. */
  readonly beside: Record<string, unknown>;
}

/** A message with its gRPC prefix of flag and length. */
function framed(message: Uint8Array, { flag = 0, length = message.length } = {}): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(flag);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
}

function requestTo(nik: string): Buffer {
  return Buffer.from(GetResidentRequest.encode({ nik, elements: [] }).finish());
}

/** One of the callers; each is a system of its own, so that none is taken for a flood. */
class Attacker {
  readonly #session: ClientHttp2Session;
  readonly #body: Buffer;
  readonly inside: string;

  constructor(mesh: TestMesh, caller: string) {
    const { layout, demo } = mesh;
    this.inside = demo[caller]?.nikInside ?? '';
    this.#body = framed(requestTo(this.inside));
    this.#session = connect(`https://${mesh.endpoints().broker}`, {
      ca: readFileSync(layout.ca),
      cert: readFileSync(`${layout.client(caller)}.crt`),
      key: readFileSync(`${layout.client(caller)}.key`),
      checkServerIdentity: () => undefined,
    });
    this.#session.on('error', () => {});
  }

  async send(headers: OutgoingHttpHeaders, body: Buffer = this.#body): Promise<Outcome> {
    const stream = this.#session.request({
      ':method': 'POST',
      ':path': GET_RESIDENT,
      te: 'trailers',
      'content-type': 'application/grpc',
      'rangkiang-purpose': 'PELAYANAN_PUBLIK',
      ...headers,
    });
    let dataBytes = 0;
    let trailers: Record<string, unknown> = {};
    // Headers that are trailers too, where there is no message.
    const note = (received: Record<string, unknown>) => {
      trailers = { ...trailers, ...received };
    };
    stream.on('response', note);
    stream.on('trailers', note);
    stream.on('data', (bytes: Buffer) => {
      dataBytes += bytes.length;
    });
    stream.on('error', () => {});
    stream.end(body);
    await new Promise((resolve) => stream.on('close', resolve));
    const status = trailers['grpc-status'];
    const { 'rangkiang-audit-index': auditIndex, date: _, ...beside } = trailers;
    return {
      beside,
      status: status === undefined ? undefined : Number(status),
      dataBytes,
      auditIndex: auditIndex === undefined ? undefined : String(auditIndex),
    };
  }

  close(): void {
    this.#session.destroy();
  }
}

const paths = [
  `/${GET_RESIDENT}`,
  `${GET_RESIDENT}/`,
  GET_RESIDENT.toLowerCase(),
  `${GET_RESIDENT}?purpose=PELAYANAN_PUBLIK`,
  `${GET_RESIDENT}%20`,
  `${GET_RESIDENT}#`,
  GET_RESIDENT.replace('GetResident', '%47etResident'),
  GET_RESIDENT.replace('/GetResident', '/../ResidentService/GetResident'),
  GET_RESIDENT.replace('GetResident', '*'),
  `${GET_RESIDENT}.`,
  `${GET_RESIDENT};x=1`,
  `${GET_RESIDENT}%00`,
  GET_RESIDENT.replaceAll('/', '//'),
  GET_RESIDENT.replace('/GetResident', '%2FGetResident'),
  GET_RESIDENT.replace('/GetResident', '%2fGetResident'),
  GET_RESIDENT.replace('/GetResident', '\\GetResident'),
  GET_RESIDENT.replace('/rangkiang', '/Rangkiang'),
  GET_RESIDENT.replace('GetResident', 'getResident'),
  GET_RESIDENT.replace('GetResident', 'GETRESIDENT'),
  // Letters that only look like ours: Cyrillic e, a full-width G, a soft hyphen; and the same percent-encoded.
  ...['G\u0435tResident', '\uff27etResident', 'Get\u00adResident'].flatMap((name) => [
    GET_RESIDENT.replace('GetResident', Buffer.from(name).toString('latin1')),
    GET_RESIDENT.replace('GetResident', encodeURIComponent(name)),
  ]),
  ...['v2', 'v0', 'v1beta1', 'v1.v1', 'V1', 'v01', ''].map((version) => GET_RESIDENT.replace('.v1.', `.${version}.`)),
  '/rangkiang.mesh.v1.TrunkService/Carry',
  '/rangkiang.audit.v1.AuditService/Append',
  '/rangkiang.permit.v1.PolicyService/Renew',
  '/constructor/__proto__',
  '/__proto__',
];

/** What Node's HTTP/2 client would not send. */
const rawPaths = ['\0', '\n', '\r\nrangkiang-purpose: STATISTIK', '\t', ' ', '\x7f', '\xff', '\0/../GetFamily'].map(
  (end) => `${GET_RESIDENT}${end}`,
);

const SOME_ID = '00000000-0000-4000-8000-000000000001';
const hugeValue = 'A'.repeat(16_384);
const manyKeys = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`x-${i}`, 'y']));

const refusedHeaders: [string, OutgoingHttpHeaders][] = [
  ['a purpose twice', { 'rangkiang-purpose': ['PELAYANAN_PUBLIK', 'PELAYANAN_PUBLIK'] }],
  ['a purpose that was joined', { 'rangkiang-purpose': 'PELAYANAN_PUBLIK, PELAYANAN_PUBLIK' }],
  ['a purpose in another letter case', { 'rangkiang-purpose': 'pelayanan_publik' }],
  ['a purpose with separators', { 'rangkiang-purpose': 'PELAYANAN_PUBLIK$$STATUTE' }],
  ['a grant of its own', { 'rangkiang-grant-bin': Buffer.from('grant').toString('base64') }],
  ['a grant under another name', { 'rangkiang-grant-x': 'all' }],
  ['a permit as bytes', { 'rangkiang-permit-bin': 'AAAA,AAAA' }],
  ['the name of a mesh process', { 'rangkiang-caller': 'spiffe://padang.go.id/mesh/broker' }],
  ['statute for a method of permits', { 'rangkiang-permit': 'STATUTE' }],
  ['a permit of nobody', { 'rangkiang-permit': '00000000-0000-4000-8000-000000000000' }],
  ['a grant as bytes that were split', { 'rangkiang-grant-bin': 'AAAA,AAAA' }],
  ['a purpose as bytes', { 'rangkiang-purpose-bin': Buffer.from('PELAYANAN_PUBLIK').toString('base64') }],
  ['an operator as bytes that were split', { 'rangkiang-operator-bin': ['AAAA', 'AAAA'] }],
  ['a permit twice', { 'rangkiang-permit': ['STATUTE', 'STATUTE'] }],
  ['two cases that were joined', { 'rangkiang-case': 'a, b' }],
  ['two operators that were joined', { 'rangkiang-operator': 'a.b.c, d.e.f' }],
  ['a request id twice', { 'rangkiang-request-id': [SOME_ID, SOME_ID] }],
  ['the index of a record', { 'rangkiang-audit-index': '0' }],
  ['a purpose with a comma at its end', { 'rangkiang-purpose': 'PELAYANAN_PUBLIK,' }],
  ['a security header of 16 KB', { 'rangkiang-case': hugeValue }],
  ['an operator that signs for itself', { 'rangkiang-operator': 'eyJhbGciOiJub25lIn0.e30.e30' }],
];

describe('the door, under hostile requests', function () {
  this.timeout(120_000);
  let mesh: TestMesh;
  const attackers = new Map<string, Attacker>();

  before(async () => {
    mesh = await startMesh();
  });

  after(async () => {
    for (const attacker of attackers.values()) attacker.close();
    await mesh.stop();
  });

  function as(caller: string): Attacker {
    let attacker = attackers.get(caller);
    if (!attacker) {
      attacker = new Attacker(mesh, caller);
      attackers.set(caller, attacker);
    }
    return attacker;
  }

  /** One of several, in turns: a system that is denied more than 20 times in a second would be taken for a flood. */
  const one = (n: number) => as(['PKM-AIR-DINGIN', 'PKM-PAUH', 'PKM-NANGGALO', 'PKM-BELIMBING'][n % 4] ?? '');

  async function recordOf(index: string | undefined): Promise<{ kind?: string; reason?: string; method?: string }> {
    assert(index, 'no record');
    const { message } = await mesh.call('SECURITY', 'GetRecord', { index }, { purpose: 'PENGAWASAN' });
    return (message.record as { leaf: { kind?: string; reason?: string; method?: string } }).leaf;
  }

  it('answers a request as it should be, so that those below fail for their own reason', async () => {
    const { status, dataBytes } = await as('PKM-LUBUK-BUAYA').send({});
    assert.equal(status, GrpcStatus.OK);
    assert(dataBytes > 5);
  });

  it('knows a method by its exact name only, and records every other', async () => {
    for (const [n, path] of paths.entries()) {
      const { status, dataBytes, auditIndex } = await one(n).send({ ':path': path });
      assert.equal(status, GrpcStatus.UNIMPLEMENTED, path);
      assert.equal(dataBytes, 0, path);
      const { kind, reason, method } = await recordOf(auditIndex);
      // The path is the caller's to choose and could carry a NIK.
      assert.deepEqual([kind, reason, method], ['KIND_DENIED', 'METHOD_UNKNOWN', 'unknown'], path);
    }
  });

  it('takes nothing from headers that only the mesh may set, nor from any that are doubled or malformed', async () => {
    for (const [n, [what, headers]] of refusedHeaders.entries()) {
      const { status, dataBytes, auditIndex } = await one(n).send(headers);
      assert(status !== undefined && status !== GrpcStatus.OK, `${what}: ${status}`);
      assert.equal(dataBytes, 0, what);
      assert.equal((await recordOf(auditIndex)).kind, 'KIND_DENIED', what);
    }
  });

  it('gives identity to the certificate alone', async () => {
    const [own, other] = [as('PKM-LUBUK-BUAYA'), as('PKM-ANDALAS').inside];
    const claims = {
      authorization: 'Bearer DISDUKCAPIL',
      'x-forwarded-client-cert': 'URI=spiffe://padang.go.id/mesh/broker',
      'x-opd': 'DISDUKCAPIL',
      'x-unit': 'PKM-ANDALAS',
    };
    const { status, dataBytes } = await own.send(claims, framed(requestTo(other)));
    assert.deepEqual([status, dataBytes], [GrpcStatus.NOT_FOUND, 0]);
  });

  it('tells nobody on record, not in the region and no permit apart by nothing that the caller may not know', async () => {
    const nobody = `${as('PKM-AIR-DINGIN').inside.slice(0, 12)}9999`;
    const elsewhere = mesh.demo['PKM-ANDALAS']?.nikOutside ?? '';
    const told = async (caller: string, nik: string) => {
      const { status, dataBytes, auditIndex, beside } = await as(caller).send({}, framed(requestTo(nik)));
      const { kind, reason } = await recordOf(auditIndex);
      return { status, dataBytes, beside, kind, reason };
    };
    const absent = await told('PKM-ANDALAS', nobody);
    assert.deepEqual([absent.status, absent.reason], [GrpcStatus.NOT_FOUND, 'RESIDENT_NOT_FOUND']);
    assert.deepEqual(await told('PKM-ANDALAS', elsewhere), absent);
    // Without a permit the register is not asked, so that nothing can depend on what it holds.
    const denied = await told('DINSOS', nobody);
    assert.equal(denied.kind, 'KIND_DENIED');
    for (const nik of [elsewhere, as('PKM-ANDALAS').inside, 'x']) assert.deepEqual(await told('DINSOS', nik), denied);
  });

  it('lets no odd message through', async () => {
    const good = requestTo(as('PKM-LUBUK-BUAYA').inside);
    const bodies: [string, Buffer][] = [
      ['random bytes', framed(Buffer.alloc(64, 0xff))],
      ['a NIK of letters', framed(requestTo('A'.repeat(16)))],
      ['compressed with what nobody knows', framed(good, { flag: 1 })],
      ['a length that does not end', framed(good, { length: 0xffff_ffff })],
      ['a message cut short', framed(good, { length: good.length + 1 })],
      ['two messages', Buffer.concat([framed(good), framed(good)])],
      ['no message', Buffer.alloc(0)],
      ['a message of 5 MB', framed(Buffer.alloc(5_000_000, 1))],
    ];
    for (const [what, body] of bodies) {
      const encoding = body[0] === 1 ? { 'grpc-encoding': 'br' } : {};
      const { status, dataBytes } = await as('PKM-LUBUK-BUAYA').send(encoding, body);
      assert.notEqual(status, GrpcStatus.OK, what);
      assert.equal(dataBytes, 0, what);
    }
  });

  it('answers no path with a byte that no path has, written past the HTTP/2 library', async () => {
    const { layout, demo } = mesh;
    const caller = 'PKM-LUBUK-BUAYA';
    const read = (file: string) => readFileSync(file, 'utf8');
    const tls = {
      ca: read(layout.ca),
      cert: read(`${layout.client(caller)}.crt`),
      key: read(`${layout.client(caller)}.key`),
    };
    const bodies = [requestTo(demo[caller]?.nikInside ?? '').toString('base64')];
    const metadata = [['rangkiang-purpose', 'PELAYANAN_PUBLIK']] as const;
    const target = {
      address: mesh.endpoints().broker,
      peer: 'spiffe://padang.go.id/mesh/broker',
      tls,
      bodies,
      metadata,
    };
    /** Status and bytes of one call; -1 when the stream was reset or the connection ended. */
    const answerTo = async (path: string): Promise<readonly [status: number, dataBytes: number]> => {
      const { promise, resolve } = Promise.withResolvers<readonly [number, number]>();
      const onAnswer = (status: number, _: number, dataBytes: number) => resolve([status, dataBytes]);
      const connection = await LoadConnection.open({ ...target, path }, onAnswer, () => resolve([-1, 0]));
      connection.load(1);
      void connection.drain();
      const answer = await promise;
      connection.close();
      return answer;
    };
    const [status, dataBytes] = await answerTo(GET_RESIDENT);
    assert.equal(status, GrpcStatus.OK);
    assert.ok(dataBytes > 0);
    for (const path of rawPaths) {
      const [refused, bytes] = await answerTo(path);
      assert.notEqual(refused, GrpcStatus.OK, JSON.stringify(path));
      assert.equal(bytes, 0, JSON.stringify(path));
    }
  });

  it('is not stopped by headers without end', async () => {
    const flooded = new Attacker(mesh, 'PKM-LUBUK-BUAYA');
    const { status, dataBytes } = await flooded.send(manyKeys);
    // HTTP/2 itself ends such a stream (ENHANCE_YOUR_CALM): there is no status.
    assert.deepEqual([status, dataBytes], [undefined, 0]);
    flooded.close();
    const again = new Attacker(mesh, 'PKM-LUBUK-BUAYA');
    assert.equal((await again.send({})).status, GrpcStatus.OK);
    again.close();
  });
});
