import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import { JAKARTA_OFFSET_MS } from '#mesh/jakarta.ts';
import { type Caller, connectAs } from '../../cli/client/caller.ts';
import { findMethod } from '../../cli/client/find-method.ts';
import { callJson } from '../../cli/client/json-call.ts';
import { CallRefused } from '../../cli/client/refusal.ts';
import { messageFromJson } from '../../cli/read-input.ts';
import { type GateProxy, startGateProxy } from '../support/gate-proxy.ts';
import { startMesh, type TestMesh } from '../support/mesh.ts';

const CALLER = 'BAPENDA';
const ELSEWHERE = '127.0.0.2';
const HOUR_MS = 3_600_000;

/** The clock on a wall in Padang so many hours from now, "HH:MM". */
function wall(hoursAhead: number): string {
  return new Date(Date.now() + JAKARTA_OFFSET_MS + hoursAhead * HOUR_MS).toISOString().slice(11, 16);
}

describe('a permit whose terms change', function () {
  this.timeout(240_000);
  let mesh: TestMesh;
  let elsewhere: GateProxy;
  let permit: string;
  let nik: string;
  let number = 200;
  let file: string;
  const callers: Record<string, Caller> = {};

  before(async () => {
    mesh = await startMesh();
    const demo = mesh.demo[CALLER];
    assert.ok(demo?.permit && demo.nikInside);
    permit = demo.permit;
    nik = demo.nikInside;
    file = join(mesh.stateDir, 'izin.json');
    // grpc-js cannot choose the address that it calls from.
    elsewhere = await startGateProxy(Number(mesh.endpoints().broker.split(':')[1]), { localAddress: ELSEWHERE });
    const { layout } = mesh;
    for (const [from, broker] of [
      ['127.0.0.1', mesh.endpoints().broker],
      [ELSEWHERE, `127.0.0.1:${elsewhere.port}`],
    ] as const) {
      const endpoints = { ...mesh.endpoints(), broker, brokers: [{ address: broker, pid: 0 }] };
      callers[from] = await connectAs(CALLER, { layout, endpoints, locale: 'id' });
    }
  });
  after(async () => {
    for (const caller of Object.values(callers)) caller.close();
    await elsewhere?.close();
    await mesh?.stop();
  });

  /** A call over a connection from this address: "DATA", or the reason of its refusal. */
  async function ask(from = '127.0.0.1'): Promise<string> {
    const method = findMethod('GetResident');
    const bytes = messageFromJson(method.requestType, JSON.stringify({ nik }));
    try {
      await callJson(callers[from] ?? assert.fail(), method, bytes, { purpose: 'PELAYANAN_PUBLIK' });
      return 'DATA';
    } catch (error) {
      if (!(error instanceof CallRefused)) throw error;
      return error.refusal.reason;
    }
  }

  const json = async (...words: string[]) => JSON.parse((await mesh.cli(...words, '--json')).stdout);

  /** A new version of the permit with these changes and options, in force at every broker. */
  async function renew(changes: object, ...words: string[]): Promise<void> {
    const { izin, policyVersion } = await json('permit', 'show', permit);
    await writeFile(file, JSON.stringify({ ...izin, ...changes }));
    number += 1;
    const { code, stderr } = await mesh.cli(
      ...['permit', 'renew', permit, '--number', `470/${number}/IZIN-DATA/2026`, '--file', file, ...words],
    );
    assert.equal(code, 0, stderr);
    // The first broker has no need to be the one that was asked: it learns of a widening with its next renewal.
    for (;;) {
      const told = await json('permit', 'effective', CALLER);
      const terms = told.permits.find((each: { permit: string }) => each.permit === permit);
      if (terms?.number.startsWith(`470/${number}/`) && told.policyVersion !== policyVersion) return;
      await delay(50);
    }
  }

  it('is usable from the networks of its activation, by the address of the connection', async () => {
    assert.deepEqual([await ask(), await ask(ELSEWHERE)], ['DATA', 'DATA']);
    await renew({}, '--networks', `${ELSEWHERE}/32`);
    assert.deepEqual([await ask(), await ask(ELSEWHERE)], ['NETWORK_NOT_ALLOWED', 'DATA']);
    const found = await mesh.cli('audit', 'find', '--reason', 'NETWORK_NOT_ALLOWED');
    assert.match(found.stdout, /DENIED +BAPENDA\/PUSAT/);

    const words = ['permit', 'explain', CALLER, 'GetResident', '--purpose', 'PELAYANAN_PUBLIK'];
    const assumed = await json(...words);
    assert.equal(assumed.answer.allowed, true);
    assert.deepEqual(assumed.answer.assumed, ['system', 'address']);
    assert.match(assumed.answer.text, /Dianggap dipanggil dari jaringan yang diizinkan \(127\.0\.0\.2\/32\)/);
    const here = await json(...words, '--address', '127.0.0.1');
    assert.equal(here.answer.reason, 'NETWORK_NOT_ALLOWED');
    const there = await json(...words, '--address', ELSEWHERE, '--system', 'layanan');
    assert.deepEqual([there.answer.allowed, there.answer.assumed ?? []], [true, []]);
    const nowhere = await mesh.cli(...words, '--address', 'sini');
    assert.equal(nowhere.code, 1);
    assert.match(nowhere.stderr, /REQUEST_INVALID/);
  });

  it('is usable by the systems of its activation alone', async () => {
    await renew({}, '--systems', 'lain', '--networks', '127.0.0.0/8');
    assert.equal(await ask(), 'SYSTEM_NOT_ACTIVATED');
    await renew({}, '--systems', 'layanan', '--networks', '127.0.0.0/8');
    assert.equal(await ask(), 'DATA');
  });

  it('is usable in its hours, and shows all that it holds', async () => {
    const office = { from: wall(2), until: wall(3) };
    await renew({ hours: [office] });
    assert.equal(await ask(), 'OUTSIDE_HOURS');
    const explained = await mesh.cli('permit', 'explain', CALLER, 'GetResident', '--purpose', 'PELAYANAN_PUBLIK');
    assert.match(explained.stdout, new RegExp(`setiap hari ${office.from}-${office.until} WIB\\. Tunggu sampai`));
    // Wider, so it counts once recorded; a window that has midnight in it is one window.
    const now = { from: wall(-1), until: wall(3) };
    await renew({ hours: [now], legalBasis: 'Perwali 12/2024 Pasal 3' });
    assert.equal(await ask(), 'DATA');

    const effective = await mesh.cli('permit', 'effective', CALLER);
    assert.match(effective.stdout, new RegExp(`jam pakai +setiap hari ${now.from}-${now.until} WIB`));
    assert.match(effective.stdout, /dasar hukum +Perwali 12\/2024 Pasal 3/);
    assert.match(effective.stdout, /rincian tujuan +Pencocokan wajib pajak daerah/);
    assert.match(effective.stdout, /sistem +layanan/);
    assert.match(effective.stdout, /jaringan +127\.0\.0\.0\/8/);
    const { izin } = await json('permit', 'show', permit);
    assert.equal(izin.legalBasis, 'Perwali 12/2024 Pasal 3');
  });

  it('tells the resident the law that it rested on at the time of each look', async () => {
    const nikFile = join(mesh.stateDir, 'nik');
    await writeFile(nikFile, nik);
    const { stdout } = await mesh.cli('audit', 'accesses', nikFile);
    const looks = stdout.split('\n').filter((line) => line.includes('BAPENDA/PUSAT'));
    assert.match(looks[0] ?? '', /Perwali 12\/2024 Pasal 3/);
    assert.match(looks.at(-1) ?? '', /UU 1\/2022/);
  });
});
