import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connectAs } from '../cli/client/caller.ts';
import { leafHash } from '../mesh/leaf.ts';
import { makeEntry, newDraft } from '../mesh/record.ts';
import { openPool, type Pool } from '../mesh/sql.ts';
import { Kind } from '../proto/gen/rangkiang/audit/v1/leaf.ts';
import { SubjectServiceService } from '../proto/gen/rangkiang/audit/v1/subject_service.ts';
import { Grant } from '../proto/gen/rangkiang/mesh/v1/grant.ts';
import { Element } from '../proto/gen/rangkiang/type/v1/element.ts';
import { Purpose } from '../proto/gen/rangkiang/type/v1/purpose.ts';
import { KeyRing } from '../services/audit/domain/key-ring.ts';
import { MasterKeys } from '../services/audit/domain/master-keys.ts';
import { Sealer } from '../services/audit/domain/seal.ts';
import { keyStore } from '../services/audit/store/seal-keys.ts';
import { startBenchMesh } from './mesh.ts';
import type { BenchOptions, Report } from './report.ts';
import { Histogram } from './statistics.ts';

// The row "ListAccesses with 10 million records": a page of 50 as Disdukcapil's counter asks for it, through the broker, its own
// record included, one after the other.

const RECORDS = 10_000_000;
const RESIDENTS = 100_000;
const RECORDS_AT_ONCE = 500_000;
const WARM_UP = 50;
const method = '/rangkiang.resident.v1.ResidentService/GetResident';

const nikOf = (resident: number) => String(1_371_010_101_010_001n + BigInt(resident));

/** The leaf that all generated records share: what is read of it is the same work as for different ones. */
function someLeaf(): Buffer {
  const grant = Grant.fromPartial({
    callId: randomBytes(16),
    opd: 'DKK',
    unit: 'PKM-LUBUK-BUAYA',
    system: 'simpus',
    permit: '3f0c2f0e-6f0b-4c57-9d5c-0f0f0f0f0f0f',
    purpose: Purpose.PELAYANAN_PUBLIK,
  });
  const draft = { ...newDraft(), elements: [Element.NIK, Element.NAMA_LENGKAP], rows: 1, subjects: [nikOf(0)] };
  return makeEntry(grant, draft, { kind: Kind.DISCLOSED, method, writer: 'resident', traceId: randomBytes(16) }).leaf;
}

/** Fills the log by SQL: each resident is concerned in as many records, spread over all of it. */
async function fill(pool: Pool, tags: readonly Buffer[], say: (line: string) => void): Promise<void> {
  const leaf = someLeaf();
  const { rows } = await pool.query<{ size: bigint }>('select size from tree_head');
  const first = rows[0]?.size ?? 0n;
  await pool.query('create table bench_owner (at integer primary key, owner_tag bytea)');
  await pool.query(
    'insert into bench_owner select at - 1, tag from unnest($1::bytea[]) with ordinality as given (tag, at)',
    [tags],
  );
  // Built once for all rows instead of row by row.
  await pool.query('alter table access drop constraint access_pkey');
  for (let done = 0; done < RECORDS; done += RECORDS_AT_ONCE) {
    const from = first + BigInt(done);
    await pool.query(
      `insert into entry (index, event_id, time_us, kind, opd, method, reason, leaf, leaf_hash, commitments)
       select at, gen_random_uuid(), 1790000000000000 + at, 1, 'DKK', $3, '', $4, $5, $5
       from generate_series($1::bigint, $2::bigint - 1) as at`,
      [from, from + BigInt(RECORDS_AT_ONCE), method, leaf, leafHash(leaf)],
    );
    await pool.query(
      `insert into access select owner_tag, index, 1, 1, $3 from (
         select generate_series($1::bigint, $2::bigint - 1) as index
       ) as made join bench_owner on bench_owner.at = index % ${RESIDENTS}`,
      [from, from + BigInt(RECORDS_AT_ONCE), randomBytes(90)],
    );
    say(`${done + RECORDS_AT_ONCE} of ${RECORDS} records`);
  }
  await pool.query('alter table access add primary key (owner_tag, index)');
  await pool.query('update tree_head set size = size + $1', [RECORDS]);
  await pool.query('vacuum analyze access');
  await pool.query('vacuum analyze entry');
}

/** Measures ListAccesses over a log of 10 million records. */
export async function run({ rounds, seconds, say }: BenchOptions): Promise<Report> {
  const { mesh } = await startBenchMesh(1, say);
  const database = new URL(mesh.endpoints().postgres);
  database.pathname = '/audit';
  const pool = openPool(database.href, { max: 1 });
  try {
    const masters = new MasterKeys([Buffer.from(readFileSync(mesh.layout.secret('seal'), 'utf8'), 'base64')]);
    const sealer = new Sealer(new KeyRing(masters, 0n), await keyStore(pool, masters).tagKey());
    await fill(
      pool,
      Array.from({ length: RESIDENTS }, (_, resident) => sealer.tag(nikOf(resident))),
      say,
    );
    const caller = await connectAs('DISDUKCAPIL', { layout: mesh.layout, endpoints: mesh.endpoints(), locale: 'id' });
    const delays = new Histogram();
    const endMs = performance.now() + rounds * seconds * 1000;
    let asked = 0;
    while (performance.now() < endMs || asked < WARM_UP * 2) {
      const nik = nikOf(Math.floor(Math.random() * RESIDENTS));
      const startedMs = performance.now();
      const request = { nik, pageSize: 0, pageToken: '', receipts: false };
      await caller.call(SubjectServiceService.listAccessesAtCounter, request, { purpose: 'ADMINISTRASI_KEPENDUDUKAN' });
      if (++asked > WARM_UP) delays.add(performance.now() - startedMs);
    }
    caller.close();
    return {
      bench: 'who looked at my data, 10 million records',
      findings: [
        { what: 'p50', measured: delays.quantile(0.5), unit: 'ms' },
        { what: 'p99', measured: delays.quantile(0.99), unit: 'ms', budget: { most: 50 } },
      ],
      notes: [`${asked - WARM_UP} pages of 50, each of another resident, through the broker, own record included.`],
    };
  } finally {
    await pool.end();
    await mesh.stop();
  }
}
