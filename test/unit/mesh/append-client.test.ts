import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import type { AppendRequest, AppendResponse, Entry } from '#gen/rangkiang/audit/v1/audit.ts';
import { AuditServiceService } from '#gen/rangkiang/audit/v1/audit_service.ts';
import { AppendClient } from '#mesh/append-client.ts';
import { MeshError } from '#mesh/errors.ts';
import { eventIdOf, leafHash } from '#mesh/leaf.ts';
import { createLogger } from '#mesh/log.ts';
import { implement, type MeshServer, startServer } from '#mesh/server.ts';
import { someEntry, someLeaf } from '../../support/audit-entries.ts';
import { testCertificates } from '../../support/certificates.ts';

const PATIENT_MS = 30_000;
const NOTHING: AppendResponse = { acknowledgements: [], refusals: [], checkpoint: '' };

const isUnavailable = (error: unknown) => error instanceof MeshError && error.reason === 'AUDIT_UNAVAILABLE';

/** Acknowledges entries with the number of their order. */
function acknowledge(entries: readonly Entry[], firstIndex = 0): AppendResponse {
  const acknowledgements = entries.map(({ leaf }, at) => ({
    eventId: eventIdOf(leaf),
    index: BigInt(firstIndex + at),
    leafHash: leafHash(leaf),
  }));
  return { acknowledgements, refusals: [], checkpoint: '' };
}

/** What the peer does with one stream. The real service does not misbehave when a test needs it. */
type Behaviour = (requests: AsyncIterable<AppendRequest>) => AsyncIterable<AppendResponse>;

describe('AppendClient', () => {
  let server: MeshServer;
  let client: AppendClient;
  let openClient: () => AppendClient;
  /** One for each stream; the last one for all that follow. */
  let behaviours: Behaviour[];
  let streams: number;
  /** The requests that held entries, by stream. */
  let received: Entry[][][];
  let isSilent: boolean;

  before(async () => {
    const certificates = await testCertificates();
    const handlers = {
      append: (requests: AsyncIterable<AppendRequest>) => {
        const stream = streams++;
        received[stream] = [];
        const behaviour = behaviours[Math.min(stream, behaviours.length - 1)] as Behaviour;
        return behaviour(watching(requests, stream));
      },
    };
    async function* watching(requests: AsyncIterable<AppendRequest>, stream: number) {
      for await (const request of requests) {
        if (request.entries.length > 0) received[stream]?.push(request.entries);
        yield request;
      }
    }
    server = await startServer({
      name: 'audit',
      listen: '127.0.0.1:0',
      tls: await certificates.issue('spiffe://padang.go.id/mesh/audit'),
      allow: { [AuditServiceService.append.path]: ['resident'] },
      implementations: [implement({ append: AuditServiceService.append }, handlers)],
      onFault: () => {},
    });
    const tls = await certificates.issue('spiffe://padang.go.id/mesh/resident');
    const log = createLogger('resident', 'fatal');
    openClient = () => new AppendClient({ address: server.address, tls, writer: 'resident', log });
  });
  after(() => server.drain(0));

  beforeEach(() => {
    streams = 0;
    received = [];
    behaviours = [honest];
    isSilent = true;
  });
  afterEach(() => client.close());

  async function* silent(requests: AsyncIterable<AppendRequest>): AsyncGenerator<AppendResponse> {
    for await (const { entries } of requests) if (!isSilent) yield acknowledge(entries);
  }

  async function* honest(requests: AsyncIterable<AppendRequest>): AsyncGenerator<AppendResponse> {
    let index = 0;
    for await (const { entries } of requests) {
      yield acknowledge(entries, index);
      index += entries.length;
    }
  }

  /** Appends until it succeeds. */
  async function appendUntilDone(entry: Entry): Promise<void> {
    while (
      !(await client.append(entry).then(
        () => true,
        () => false,
      ))
    ) {
      await new Promise(setImmediate);
    }
  }

  const entriesOf = (count: number) => Array.from({ length: count }, () => someEntry());
  const appendAll = (entries: Entry[]) => Promise.all(entries.map((entry) => client.append(entry, PATIENT_MS)));

  it('sends all of one turn in one message, and hands each its own acknowledgement', async () => {
    client = openClient();
    await appendAll(entriesOf(1));
    const entries = entriesOf(50);
    const answers = await appendAll(entries);
    assert.deepEqual(
      received[0]?.map((message) => message.length),
      [1, 50],
    );
    for (const [at, { index, leafHash: hash }] of answers.entries()) {
      assert.equal(index, BigInt(at + 1));
      assert.deepEqual(hash, leafHash((entries[at] as Entry).leaf));
    }
  });

  it('keeps messages below what the other side receives', async () => {
    client = openClient();
    const large = Array.from({ length: 300 }, () => someEntry({ unit: 'X'.repeat(4_000) }));
    await appendAll([...entriesOf(2_500), ...large]);
    const messages = received.flat();
    assert.ok(messages.every((message) => message.length <= 1_000));
    const bytes = messages.map((message) => message.reduce((sum, { leaf }) => sum + leaf.length, 0));
    assert.ok(bytes.every((sum) => sum <= 1 << 20));
    assert.equal(messages.flat().length, 2_800);
  });

  it('sends again, in order, what a broken stream had not acknowledged', async () => {
    behaviours = [
      async function* (requests) {
        const each = requests[Symbol.asyncIterator]();
        await each.next();
        yield NOTHING;
        const { value } = await each.next();
        yield acknowledge(value.entries.slice(0, 3));
        throw new MeshError('SERVICE_UNAVAILABLE');
      },
      honest,
    ];
    client = openClient();
    const entries = entriesOf(10);
    await appendAll(entries);
    const leaves = received.map((messages) => messages.flat().map(({ leaf }) => leaf));
    assert.deepEqual(leaves, [entries.map(({ leaf }) => leaf), entries.slice(3).map(({ leaf }) => leaf)]);
  });

  it('goes on when the other side ends the stream in good order', async () => {
    behaviours = [
      async function* (requests) {
        const { done } = await requests[Symbol.asyncIterator]().next();
        if (!done) yield NOTHING;
      },
      honest,
    ];
    client = openClient();
    await appendAll(entriesOf(3));
    assert.ok(streams > 1);
  });

  it('sends nothing on a stream that has not answered, and tries another', async () => {
    behaviours = [silent, honest];
    client = openClient();
    await appendUntilDone(someEntry());
    assert.deepEqual(received[0], []);
    assert.ok(streams >= 2);
  });

  it('keeps nobody waiting once the service has not answered for a second, and works again when it does', async () => {
    behaviours = [silent];
    client = openClient();
    // Far longer than the second after which they are rejected.
    const waiting = entriesOf(3).map((entry) => client.append(entry, 3_600_000));
    for (const one of await Promise.allSettled(waiting)) {
      assert.ok(one.status === 'rejected' && isUnavailable(one.reason));
    }
    await assert.rejects(client.append(someEntry(), 3_600_000), isUnavailable);
    isSilent = false;
    await appendUntilDone(someEntry());
  });

  describe('with a stream that answers and then falls silent', () => {
    beforeEach(() => {
      behaviours = [
        async function* (requests) {
          for await (const { entries } of requests) if (entries.length === 0) yield NOTHING;
        },
        honest,
      ];
      client = openClient();
    });

    it('gives up an entry that is not acknowledged in time', async () => {
      await assert.rejects(client.append(someEntry(), 500), isUnavailable);
    });

    it('sends the entries again on another one', async () => {
      const entry = someEntry();
      await client.append(entry, PATIENT_MS);
      assert.deepEqual(
        received.map((messages) => messages.flat().map(({ leaf }) => leaf)),
        [[entry.leaf], [entry.leaf]],
      );
    });
  });

  it('sends an entry once, however often it is appended while it is under way', async () => {
    client = openClient();
    const entry = someEntry();
    const answers = await appendAll([entry, entry, entry]);
    assert.equal(new Set(answers.map(({ index }) => index)).size, 1);
    assert.equal(received.flat(2).length, 1);
  });

  it('rejects what it must not send', async () => {
    client = openClient();
    const leaf = someLeaf();
    const sent = client.append(someEntry(leaf), PATIENT_MS);
    const wrong = [
      someEntry({ ...leaf, rows: 2 }),
      { ...someEntry(), leaf: Buffer.from('no leaf') },
      someEntry({ unit: 'X'.repeat(1 << 20) }),
    ];
    for (const entry of wrong) await assert.rejects(client.append(entry, PATIENT_MS), isUnavailable);
    await sent;
    assert.equal(received.flat(2).length, 1);
  });

  it('rejects what the service refuses', async () => {
    behaviours = [
      async function* (requests) {
        for await (const { entries } of requests) {
          const refusals = entries.slice(0, 1).map(({ leaf }) => ({ eventId: eventIdOf(leaf), message: 'wrong salt' }));
          yield { ...acknowledge(entries.slice(1)), refusals };
        }
      },
    ];
    client = openClient();
    const [refused, good] = await Promise.allSettled(entriesOf(2).map((entry) => client.append(entry, PATIENT_MS)));
    assert.ok(refused?.status === 'rejected' && isUnavailable(refused.reason));
    assert.match(String(refused.reason.cause), /wrong salt/);
    assert.equal(good?.status, 'fulfilled');
  });

  it('takes no acknowledgement of another record for its own, under whatever id it comes', async () => {
    const other = leafHash(someEntry().leaf);
    behaviours = [
      async function* (requests) {
        for await (const { entries } of requests) {
          const { acknowledgements } = acknowledge(entries);
          const stranger = { ...acknowledge([someEntry()]).acknowledgements[0], index: 9n };
          yield { ...NOTHING, acknowledgements: acknowledgements.map((one) => ({ ...one, leafHash: other })) };
          yield { ...NOTHING, acknowledgements: [stranger as (typeof acknowledgements)[0]] };
        }
      },
    ];
    client = openClient();
    await assert.rejects(client.append(someEntry(), PATIENT_MS), (error: MeshError) => {
      assert.match(String(error.cause), /another record/);
      return isUnavailable(error);
    });
  });

  it('waits for what is under way when it closes, and takes nothing more', async () => {
    client = openClient();
    const sent = client.append(someEntry(), PATIENT_MS);
    const closed = client.close();
    await assert.rejects(client.append(someEntry()), isUnavailable);
    await Promise.all([sent, closed]);
  });
});
