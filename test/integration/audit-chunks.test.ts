import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { SubjectServiceService } from '#gen/rangkiang/audit/v1/subject_service.ts';
import { eventIdOf } from '#mesh/leaf.ts';
import { someEntry } from '../support/audit-entries.ts';
import { type AuditService, disdukcapilCall, startAuditService } from '../support/audit-service.ts';
import { portOf } from '../support/crash-stage.ts';
import { type GateProxy, startGateProxy } from '../support/gate-proxy.ts';
import { openSealed } from '../support/open-sealed.ts';

const CHUNKS = 60;
const ROWS = 500;
/** A chunk begins so many residents after the one before, so that most residents are in two of them. */
const STEP = 260;
const PATIENCE_MS = 50_000;

const nikOf = (at: number) => String(1_371_010_101_000_000n + BigInt(at));
const subjectsOf = (chunk: number) => Array.from({ length: ROWS }, (_, row) => nikOf(chunk * STEP + row));

describe('records of a stream, one for each chunk of 500 residents', function () {
  this.timeout(60_000);
  let audit: AuditService;
  let gate: GateProxy;
  const chunks = Array.from({ length: CHUNKS }, (_, chunk) =>
    someEntry({ opd: 'BAPENDA', rows: ROWS }, subjectsOf(chunk), { caseNumber: 'PBB-2026' }),
  );
  let indexes: bigint[];

  before(async () => {
    audit = await startAuditService();
    gate = await startGateProxy(portOf(audit.first.address));
    const client = audit.client('resident', { ...audit.first, address: `127.0.0.1:${gate.port}` });
    const appended = chunks.map((chunk) => client.append(chunk, PATIENCE_MS));
    // The stream breaks when some are acknowledged, some committed unheard, and some on their way.
    await Promise.race(appended);
    await gate.hold('answer');
    gate.cut();
    gate.open();
    indexes = (await Promise.all(appended)).map(({ index }) => index);
  });

  after(async () => {
    await audit?.stop();
    await gate?.close();
  });

  it('are each there once, where they were acknowledged, though the stream broke and they were sent again', async () => {
    const entries = await audit.entries();
    assert.deepEqual(
      entries.map(({ leaf }) => leaf.eventId.toString('hex')).sort(),
      chunks.map(({ leaf }) => eventIdOf(leaf).toString('hex')).sort(),
    );
    for (const [at, index] of indexes.entries()) {
      assert.ok(entries[Number(index)]?.leafBytes.equals(chunks[at]?.leaf as Buffer));
    }
    assert.deepEqual(new Set(entries.map(({ leaf }) => [leaf.rows, leaf.subjectCount].join())), new Set(['500,500']));
  });

  it('have a sealed part for each resident, and one for what is nobody’s alone', async () => {
    const { rows } = await audit.pool.query<{ index: bigint; parts: bigint; owners: bigint }>(
      'select index, count(*) as parts, count(distinct owner_tag) as owners from access group by index order by index',
    );
    const expected = [...indexes].sort((a, b) => Number(a - b)).map((index) => ({ index, parts: 501n, owners: 501n }));
    assert.deepEqual(rows, expected);
    const [first, last] = [0, CHUNKS - 1];
    for (const chunk of [first, CHUNKS >> 1, last]) {
      const opened = await openSealed(audit.pool, audit.sealKey, indexes[chunk] as bigint);
      const niks = opened.flatMap(({ subjects }) => subjects.map(({ nik }) => nik));
      assert.deepEqual(niks.sort(), subjectsOf(chunk));
    }
  });

  it('are what each of these residents is shown, and nothing else', async () => {
    const channel = await audit.broker();
    const people = CHUNKS * STEP + ROWS - STEP;
    for (let at = 0; at <= people; at += 97) {
      const request = { nik: nikOf(at), pageSize: 0, pageToken: '', receipts: false };
      const { metadata } = disdukcapilCall();
      const { accesses } = await channel.unary(SubjectServiceService.listAccessesAtCounter, request, { metadata });
      const concerned = indexes.filter((_, chunk) => at >= chunk * STEP && at < chunk * STEP + ROWS);
      const shown = accesses.map(({ index }) => index);
      assert.deepEqual(
        shown,
        concerned.sort((a, b) => Number(b - a)),
      );
    }
  });
});
