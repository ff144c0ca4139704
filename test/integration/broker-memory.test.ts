import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { logSigner } from '#mesh/tlog/note.ts';
import { testCertificates } from '../support/certificates.ts';
import { startChild } from '../support/child.ts';
import { testRedis } from '../support/redis.ts';

describe('a broker that starts', function () {
  this.timeout(60_000);
  let directory: string;
  let env: Record<string, string>;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rangkiang-broker-'));
    const certificates = await testCertificates();
    const tls = await certificates.issue('spiffe://padang.go.id/mesh/broker');
    const [pseudonym, walikota] = [join(directory, 'pseudonym'), join(directory, 'walikota.crt')];
    await writeFile(pseudonym, Buffer.alloc(32, 1).toString('base64'));
    await writeFile(walikota, certificates.walikota.certPem);
    const logKey = join(directory, 'log.vkey');
    await writeFile(logKey, logSigner('padang.go.id/test', Buffer.alloc(32, 2)).verifierKey);
    env = {
      RANGKIANG_LISTEN: '127.0.0.1:0',
      RANGKIANG_HEALTH_LISTEN: '127.0.0.1:0',
      RANGKIANG_TLS_CA: tls.ca,
      RANGKIANG_TLS_CERT: tls.cert,
      RANGKIANG_TLS_KEY: tls.key,
      REDIS_URL: await testRedis(),
      RANGKIANG_PERMIT: '127.0.0.1:1',
      RANGKIANG_RESIDENT: '127.0.0.1:1',
      RANGKIANG_AUDIT: '127.0.0.1:1',
      RANGKIANG_WALIKOTA_CERT: walikota,
      RANGKIANG_PSEUDONYM_KEY: pseudonym,
      RANGKIANG_LOG_KEY: logKey,
      RANGKIANG_MEMORY: join(directory, 'memory'),
    };
  });
  after(() => rm(directory, { recursive: true }));

  const start = (more: Record<string, string> = {}) =>
    startChild(new URL('../../broker/main.ts', import.meta.url), [], { ...env, ...more });

  async function refusal(more?: Record<string, string>): Promise<string> {
    const child = start(more);
    const { err } = await child.said('the start failed');
    assert.equal(await child.exit, 1);
    return String((err as { message: string }).message);
  }

  it('refuses without a memory, or with a damaged one, and says what to do', async () => {
    assert.match(await refusal(), /is missing: this broker cannot tell/);
    await mkdir(join(directory, 'memory'), { recursive: true });
    await writeFile(join(directory, 'memory', 'memory.json'), '{"version":"4","dig');
    assert.match(await refusal({ RANGKIANG_FIRST_RUN: 'true' }), /is damaged\. Put a good copy back/);
    await rm(join(directory, 'memory'), { recursive: true });
  });

  it('starts without one when it is told that this is its first run', async () => {
    const child = start({ RANGKIANG_FIRST_RUN: 'true' });
    await child.said('listening');
    child.process.kill('SIGTERM');
    assert.equal(await child.exit, 0);
  });
});
