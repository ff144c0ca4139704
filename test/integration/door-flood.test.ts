import assert from 'node:assert/strict';
import { Client, Metadata, type ServiceError } from '@grpc/grpc-js';
import { after, before, beforeEach, describe, it } from 'mocha';
import type { Entry } from '#gen/rangkiang/audit/v1/audit.ts';
import { Kind, Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { meshErrorOf } from '#mesh/client.ts';
import { bind, shutDown } from '#mesh/server.ts';
import { meshId, opdId } from '#mesh/spiffe.ts';
import { clientCredentials } from '#mesh/tls.ts';
import { buildDoor } from '../../broker/door.ts';
import { OpenStreams } from '../../broker/open-streams.ts';
import { decide } from '../../broker/policy/decide.ts';
import { FloodGate } from '../../broker/quota/flood-gate.ts';
import { BrokerRecords } from '../../broker/records.ts';
import { testCertificates } from '../support/certificates.ts';
import { at, noon, residentMethods, statuteOnly } from '../support/policy.ts';

const CALLS = 60;
/** Until the gate closes, which it does at the 21st. */
const RECORDED = 21;
const bytes = (value: Buffer): Buffer => value;

describe('a flood of denied calls at the door', function () {
  this.timeout(30_000);
  let server: ReturnType<typeof buildDoor>;
  let address: string;
  let certificates: Awaited<ReturnType<typeof testCertificates>>;
  let gate: FloodGate;
  const recorded: Leaf[] = [];
  const clients: Client[] = [];

  before(async () => {
    certificates = await testCertificates();
    const audit = {
      append: async ({ leaf }: Entry) => {
        recorded.push(Leaf.decode(leaf));
        return { index: BigInt(recorded.length), leafHash: Buffer.alloc(32) };
      },
    };
    const never = () => assert.fail('a denied call is neither counted nor forwarded');
    server = buildDoor(
      {
        policy: { current: () => ({ snapshot: statuteOnly, time: at(noon) }) },
        decide,
        flood: {
          admits: (system) => gate.admits(system),
          denied: (system) => gate.denied(system),
          hold: () => gate.hold(),
        },
        limits: { spend: never, spendByStatute: never },
        quota: { debit: never },
        records: new BrokerRecords(audit, never),
        operators: { verify: never },
        streams: new OpenStreams(),
        traceRatio: 0,
        onFault: (error) => assert.fail(error as Error),
      },
      { unary: never, stream: never },
    );
    address = await bind(server, '127.0.0.1:0', await certificates.issue(meshId('broker')));
  });
  after(async () => {
    for (const client of clients) client.close();
    await shutDown(server, 1_000);
  });
  beforeEach(() => {
    // Time stands still, so that the gate stays closed and no second begins.
    gate = new FloodGate(() => 0);
    recorded.length = 0;
  });

  async function clientOf(id: string): Promise<Client> {
    const client = new Client(address, clientCredentials(await certificates.issue(id), 'broker'), {
      'grpc.ssl_target_name_override': 'x.padang.go.id',
    });
    clients.push(client);
    return client;
  }

  function reasonOf(client: Client, path: string): Promise<string> {
    const metadata = new Metadata();
    metadata.set('rangkiang-purpose', 'PELAYANAN_PUBLIK');
    return new Promise((resolve) => {
      client.makeUnaryRequest(path, bytes, bytes, Buffer.alloc(0), metadata, {}, (error) =>
        resolve(error ? meshErrorOf(error as ServiceError).reason : 'answered'),
      );
    });
  }

  async function flood(client: Client, path: string): Promise<Record<string, number>> {
    const reasons = await Promise.all(Array.from({ length: CALLS }, () => reasonOf(client, path)));
    return Object.fromEntries(
      [...new Set(reasons)].map((each) => [each, reasons.filter((one) => one === each).length]),
    );
  }

  const simpus = opdId('DKK', 'PKM-PAUH', 'simpus');
  const other = opdId('DISDIK', 'PUSAT', 'sisfo');
  const limited = { RATE_LIMITED: CALLS - RECORDED };
  const floods = [
    {
      of: 'calls without a permit',
      id: simpus,
      path: residentMethods.get,
      reason: 'NO_PERMIT',
      answers: { NO_PERMIT: RECORDED, ...limited },
    },
    {
      of: 'methods that do not exist',
      id: simpus,
      path: '/rangkiang.x.v1.X/Y',
      reason: 'METHOD_UNKNOWN',
      answers: { METHOD_UNKNOWN: RECORDED, ...limited },
    },
    // Who is no system of an OPD is told so however often it asks.
    {
      of: 'a process of the mesh',
      id: meshId('permit'),
      path: residentMethods.get,
      reason: 'CALLER_NOT_ALLOWED',
      answers: { CALLER_NOT_ALLOWED: CALLS },
    },
  ];
  for (const { of, id, path, reason, answers } of floods) {
    it(`is recorded up to the gate and then counted, of ${of}, and leaves others alone`, async () => {
      const flooding = await clientOf(id);
      assert.deepEqual(await flood(flooding, path), answers);
      assert.equal(recorded.length, RECORDED);
      assert(recorded.every((leaf) => leaf.kind === Kind.DENIED && leaf.reason === reason));
      assert.deepEqual(
        gate.drain().map(({ count }) => count),
        [CALLS - RECORDED],
      );
      assert.equal(await reasonOf(await clientOf(other), residentMethods.get), 'NO_PERMIT');
    });
  }
});
