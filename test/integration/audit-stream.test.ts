import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import { type Entry, RecordFilter, type WatchRecordsResponse } from '#gen/rangkiang/audit/v1/audit.ts';
import { AuditServiceService as service } from '#gen/rangkiang/audit/v1/audit_service.ts';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { AppendClient } from '#mesh/append-client.ts';
import { someEntry } from '../support/audit-entries.ts';
import { type AuditService, securityCall, startAuditService } from '../support/audit-service.ts';

const RETRY_MS = 20;

describe('the stream of records', function () {
  this.timeout(180_000);
  let audit: AuditService;
  let client: AppendClient;

  before(async () => {
    audit = await startAuditService();
    client = audit.client('resident');
  });
  after(() => audit.stop());

  async function watch(fromIndex: bigint, filter: RecordFilter) {
    const channel = await audit.broker();
    const { metadata, callId } = securityCall();
    return { channel, callId, stream: channel.serverStream(service.watchRecords, { fromIndex, filter }, { metadata }) };
  }

  /** Follows the log from its start through every break, up to a record with this reason; answers what it was given. */
  async function follow(filter: RecordFilter, last: string): Promise<bigint[]> {
    const indexes: bigint[] = [];
    for (let next = 0n; ; ) {
      const { channel, stream } = await watch(next, filter);
      try {
        for await (const answer of stream as AsyncIterable<WatchRecordsResponse>) {
          indexes.push(...answer.records.map(({ index }) => index));
          next = answer.nextIndex;
          if (answer.records.some(({ leaf }) => leaf?.reason === last)) return indexes;
        }
      } catch {
        await sleep(RETRY_MS);
      } finally {
        stream.cancel();
        channel.close();
      }
    }
  }

  async function appendUntilDone(entry: Entry): Promise<bigint> {
    for (;;) {
      try {
        return (await client.append(entry)).index;
      } catch {
        await sleep(RETRY_MS);
      }
    }
  }

  it('goes on exactly where it was broken off, however often the service is killed', async () => {
    const filters = [{}, { opd: 'BAPENDA' }, { kinds: [Kind.DENIED] }].map((filter) => RecordFilter.create(filter));
    const followed = filters.map((filter) => follow(filter, 'LAST'));
    const kills = 3;
    for (let round = 0; round <= kills; round++) {
      const entries = Array.from({ length: 200 }, (_, at) =>
        someEntry({ opd: at % 3 ? 'DKK' : 'BAPENDA', kind: at % 7 ? Kind.DISCLOSED : Kind.DENIED }),
      );
      const appended = Promise.all(entries.map(appendUntilDone));
      if (round === kills) {
        await appended;
        break;
      }
      // Somewhere in the middle of what is appended and told.
      for (let turn = 0; turn < 50 * Math.random(); turn++) await new Promise(setImmediate);
      await audit.first.kill();
      await audit.first.start();
      await appended;
    }
    await appendUntilDone(someEntry({ opd: 'BAPENDA', kind: Kind.DENIED, reason: 'LAST' }));
    const log = await audit.entries();
    const end = log.findIndex(({ leaf }) => leaf.reason === 'LAST');
    for (const [at, { opd, kinds }] of filters.entries()) {
      const passing = log.filter(
        ({ leaf }) => (opd === '' || leaf.opd === opd) && (kinds.length === 0 || kinds.includes(leaf.kind)),
      );
      const expected = passing.map(({ index }) => index).filter((index) => index <= end);
      const given = (await followed[at]) ?? [];
      // Beyond the last one only what the same answer happened to hold.
      assert.deepEqual(given.slice(0, expected.length), expected);
    }
  });

  it('reads no more than a few pages for a reader that stops, while another one gets everything', async () => {
    const total = 4_000;
    // 8 KB of each record travel: 32 fill a page of 256 KiB.
    const filler = { unit: 'X'.repeat(3_700), opd: 'FILLER' };
    for (let count = 0; count < total; count += 400) {
      await Promise.all(Array.from({ length: 400 }, () => appendUntilDone(someEntry(filler))));
    }
    const filter = RecordFilter.create({ opd: 'FILLER' });

    const slow = await watch(0n, filter);
    slow.stream.on('error', () => {});
    await once(slow.stream, 'data');
    slow.stream.pause();

    const quick = await watch(0n, filter);
    let received = 0;
    for await (const { records } of quick.stream as AsyncIterable<WatchRecordsResponse>) {
      received += records.length;
      if (received >= total) break;
    }
    assert.equal(received, total);

    slow.stream.cancel();
    const closed = async () =>
      (await audit.entries()).find(({ leaf }) => leaf.refersTo.equals(slow.callId) && leaf.kind === Kind.WATCH_CLOSED);
    let record = await closed();
    while (!record) record = await closed();
    // Our own client keeps 16 messages, the service 256 KiB and the page that it holds.
    assert.ok(record.leaf.rows <= 20 * 32, `${record.leaf.rows} records were read for it`);
  });

  it('passes kinds that nobody knows yet', async () => {
    const index = await appendUntilDone(someEntry({ kind: 250 as Kind }));
    const { stream } = await watch(index, RecordFilter.create());
    stream.on('error', () => {});
    for await (const { records } of stream as AsyncIterable<WatchRecordsResponse>) {
      if (records.length === 0) continue;
      assert.deepEqual([records[0]?.index, records[0]?.leaf?.kind], [index, 250]);
      break;
    }
  });
});
