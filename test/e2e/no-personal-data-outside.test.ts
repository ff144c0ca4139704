import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Metadata, type ServiceError } from '@grpc/grpc-js';
import { after, before, describe, it } from 'mocha';
import { createClient } from 'redis';
import { RegistryServiceService } from '#gen/rangkiang/resident/v1/registry_service.ts';
import type { Resident } from '#gen/rangkiang/resident/v1/resident.ts';
import { connect } from '#mesh/client.ts';
import { connectAs } from '../../cli/client/caller.ts';
import { CallRefused } from '../../cli/client/refusal.ts';
import { population } from '../../cli/population/population.ts';
import { findLeaks, formsOf } from '../support/leak.ts';
import { startMesh, type TestMesh } from '../support/mesh.ts';
import { type TelemetryTrap, trapTelemetry } from '../support/telemetry-trap.ts';

const RESIDENTS = 500;
const UNIT = 'PKM-LUBUK-BUAYA';

/** What must not be found, and what each is. */
function secretsOf(residents: Iterable<Resident>): Map<string, string> {
  const secrets = new Map<string, string>();
  const add = (what: string, value: string | undefined) => {
    if (value && value.length >= 5) secrets.set(value, what);
  };
  for (const resident of residents) {
    add('NIK', resident.nik);
    add('KK', resident.nomorKk);
    add('name', resident.namaLengkap);
    add('mother', resident.namaIbu);
    add('father', resident.namaAyah);
    add('address', resident.alamatSekarang?.jalan);
    add('address before', resident.alamatSebelumnya?.jalan);
    add('birth certificate', resident.noAktaLahir);
  }
  return secrets;
}

describe('outside the answers to those who may have them', function () {
  this.timeout(180_000);
  let mesh: TestMesh;
  let trap: TelemetryTrap;
  const said: string[] = [];
  const residents = [...population(1, RESIDENTS)].flatMap(({ resident }) => (resident ? [resident] : []));
  const environment = { ...process.env };

  before(async () => {
    trap = await trapTelemetry();
    Object.assign(process.env, {
      OTEL_EXPORTER_OTLP_ENDPOINT: trap.endpoint,
      OTEL_BSP_SCHEDULE_DELAY: '200',
      RANGKIANG_TRACE_RATIO: '1',
      RANGKIANG_LOG_LEVEL: 'trace',
    });
    mesh = await startMesh({ residents: RESIDENTS });
  });

  after(async () => {
    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
    Object.assign(process.env, environment);
    await mesh.stop();
    trap.close();
  });

  async function ask(caller: string, method: string, request: unknown, purpose: string): Promise<void> {
    try {
      await mesh.call(caller, method, request, { purpose, caseNumber: 'RM-12' });
    } catch (error) {
      if (!(error instanceof CallRefused)) throw error;
      const { metadata } = error.cause as ServiceError;
      said.push(error.message, JSON.stringify(error.refusal), JSON.stringify(metadata?.getMap()));
    }
  }

  /** Every way in which a resident's data come near the edge: granted, refused, wrong, misplaced. */
  async function exercise(): Promise<void> {
    const purpose = 'PELAYANAN_PUBLIK';
    for (const { nik, nomorKk, namaLengkap, alamatSekarang, namaIbu } of residents.slice(0, 20)) {
      await ask(UNIT, 'GetResident', { nik }, purpose);
      await ask(UNIT, 'GetFamily', { nomorKk }, purpose);
      await ask('BAPENDA', 'GetResident', { nik }, purpose);
      await ask('BAPENDA', 'VerifyResident', { nik, claims: { namaLengkap, alamatSekarang } }, purpose);
      await ask('BAPENDA', 'VerifyResident', { nik, claims: { namaIbu } }, purpose);
      await ask('DINSOS', 'GetResident', { nik }, purpose);
      await ask(UNIT, 'GetResident', { nik: `${nik}1` }, purpose);
      await ask(UNIT, 'GetResident', { nik, elements: ['ELEMENT_NOMOR_KK'] }, purpose);
      await ask('SECURITY', 'ListRecords', { pageToken: nik }, 'PENGAWASAN');
      await ask(
        'DINSOS',
        'Explain',
        { question: { method: `/${namaLengkap}/${nik}`, purpose: `${nik}` } },
        'PERIZINAN',
      );
    }
    await misplaced(residents[0]?.nik ?? '');
    await badImport();
  }

  /** A NIK where a caller should never put one: in a path, in headers, in a trace context. */
  async function misplaced(nik: string): Promise<void> {
    const path = mesh.layout.client(UNIT);
    const tls = { ca: mesh.layout.ca, cert: `${path}.crt`, key: `${path}.key` };
    const channel = connect({ address: mesh.endpoints().broker, peer: 'broker', tls });
    const bytes = (value: Buffer) => value;
    const headers: Record<string, string>[] = [
      { 'rangkiang-purpose': nik },
      { 'rangkiang-permit': nik },
      { [`rangkiang-${nik}`]: nik },
      { 'rangkiang-request-id': nik, 'rangkiang-purpose': 'PELAYANAN_PUBLIK' },
      { traceparent: `00-${nik}${nik}-${nik}-01`, tracestate: `a=${nik}`, baggage: `nik=${nik}`, 'x-nik': nik },
    ];
    for (const names of headers) {
      for (const method of ['/rangkiang.resident.v1.ResidentService/GetResident', `/rangkiang.${nik}/${nik}`]) {
        const metadata = new Metadata();
        for (const [name, value] of Object.entries(names)) metadata.set(name, value);
        const definition = { path: method, requestSerialize: bytes, responseDeserialize: bytes };
        await channel.unary(definition, Buffer.from(nik), { metadata, timeoutMs: 10_000 }).catch((error: Error) => {
          const { details, metadata: trailers } = error.cause as ServiceError;
          said.push(details, JSON.stringify(trailers.getMap()));
        });
      }
    }
    channel.close();
  }

  /** Rows that the register refuses, each with the fault in a field that holds somebody's data. */
  async function badImport(): Promise<void> {
    const options = { layout: mesh.layout, endpoints: mesh.endpoints(), locale: 'id' as const };
    const caller = await connectAs('DISDUKCAPIL', options);
    const stream = caller.duplex(RegistryServiceService.importResidents, { purpose: 'ADMINISTRASI_KEPENDUDUKAN' });
    const [good] = residents;
    const faults: Partial<Resident>[] = [
      { nik: `${good?.nik}9` },
      { namaLengkap: `${good?.namaLengkap}`.repeat(30) },
      { nomorKk: good?.nik?.slice(1) },
      { tanggalLahir: { year: 1990, month: 13, day: 40 } },
      { alamatSekarang: { jalan: '', rt: good?.nik ?? '', rw: '', kelurahan: good?.nik ?? '', namaKelurahan: '' } },
    ];
    const rows = faults.map((fault, at) => ({
      line: BigInt(at + 1),
      resident: { ...(good as Resident), ...fault },
      status: 1 as const,
    }));
    const answers: unknown[] = [];
    stream.write({ importId: randomUUID(), chunkNumber: 0n, rows });
    stream.end();
    for await (const answer of stream) answers.push(answer);
    assert.equal(answers.length, 1);
    said.push(JSON.stringify(answers, (_, value) => (typeof value === 'bigint' ? `${value}` : value)));
    caller.close();
  }

  async function redisContent(): Promise<string> {
    const client = createClient({ url: mesh.endpoints().redis });
    await client.connect();
    const content: string[] = [];
    for await (const keys of client.scanIterator({ COUNT: 1000 })) {
      for (const key of keys) content.push(key, (await client.dump(key)) ?? '');
    }
    client.destroy();
    return content.join('\n');
  }

  it('no NIK, KK, name or address is written, traced, measured, cached or told, in whatever encoding', async () => {
    await exercise();
    while (trap.exported.traces.length === 0 || trap.exported.metrics.length === 0) await new Promise(setImmediate);
    const redis = await redisContent();
    // Stopping flushes what the processes have not exported yet.
    for (const name of ['broker-1', 'broker-2', 'resident', 'permit', 'audit']) await mesh.order('stop', name);
    const logs = dirname(mesh.layout.log('audit'));
    const files = await readdir(logs);
    const written = await Promise.all(files.map((file) => readFile(join(logs, file))));
    const haystacks: Record<string, Buffer> = {
      'log files': Buffer.concat(written),
      'names of log files': Buffer.from(files.join('\n')),
      traces: Buffer.concat(trap.exported.traces),
      metrics: Buffer.concat(trap.exported.metrics),
      Redis: Buffer.from(redis),
      'error texts and details': Buffer.from(said.join('\n')),
    };
    const secrets = secretsOf(residents);
    for (const [where, haystack] of Object.entries(haystacks)) {
      assert.ok(haystack.length > 0, `nothing was captured: ${where}`);
      assert.deepEqual(findLeaks(secrets, haystack), [], where);
    }
    assert.ok(haystacks.traces?.includes('GetResident'), 'the trap sees spans');
  });

  it('would be found in every encoding', () => {
    const secret = residents[0]?.nik ?? '';
    for (const before of ['', 'a', 'ab']) {
      for (const encode of ['hex', 'base64', 'base64url'] as const) {
        const text = Buffer.from(`${before}${secret}xyz`).toString(encode);
        assert.deepEqual(
          findLeaks(new Map([[secret, 'NIK']]), Buffer.from(`log ${text} end`)),
          ['NIK'],
          `${encode} ${before}`,
        );
      }
    }
    assert.ok(formsOf(secret).every((form) => form.length >= 8));
  });
});
