import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { after, before, describe, it } from 'mocha';
import {
  address,
  ConfigError,
  choice,
  file,
  keyFile,
  keysFile,
  number,
  optional,
  processSpec,
  readConfig,
  type Setting,
  text,
  url,
} from '#mesh/config.ts';

/** What one setting makes of a text: its value, or the fault. */
function read<T>(setting: Setting<T>, value?: string): T | string {
  try {
    return readConfig({ it: setting }, { [setting.variable]: value }).it;
  } catch (error) {
    assert(error instanceof ConfigError);
    return `fault: ${error.faults.join('; ')}`;
  }
}

describe('readConfig', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'rangkiang-config-'));
    writeFileSync(join(folder, 'key'), `${Buffer.alloc(32, 7).toString('base64')}\n`);
    writeFileSync(join(folder, 'short'), Buffer.alloc(31, 7).toString('base64'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('groups values as the specification does, and freezes them', () => {
    const spec = { name: text('NAME'), limits: { rows: number('ROWS', { default: 5 }) } };
    const config = readConfig(spec, { NAME: 'resident' });
    assert.deepEqual(config, { name: 'resident', limits: { rows: 5 } });
    assert(Object.isFrozen(config) && Object.isFrozen(config.limits));
  });

  it('reports every fault in one error, by variable, in groups too', () => {
    assert.throws(
      () => readConfig(processSpec, { RANGKIANG_LISTEN: 'nowhere', RANGKIANG_TRACE_RATIO: '2', REDIS_URL: 'http://x' }),
      (error: ConfigError) => {
        assert.deepEqual(error.faults, [
          'RANGKIANG_LISTEN must be host:port',
          'RANGKIANG_HEALTH_LISTEN is not set',
          'RANGKIANG_TLS_CA is not set',
          'RANGKIANG_TLS_CERT is not set',
          'RANGKIANG_TLS_KEY is not set',
          'REDIS_URL must be a URL that starts with redis: or rediss:',
          'RANGKIANG_TRACE_RATIO must be a number from 0 to 1',
        ]);
        return true;
      },
    );
  });

  it('takes an empty variable for one that is not set', () => {
    assert.equal(read(text('NAME'), ''), 'fault: NAME is not set');
    assert.equal(read(text('NAME', { default: 'x' }), ''), 'x');
    assert.equal(read(optional(number('ROWS')), ''), undefined);
  });

  it('never repeats a value, which may hold a password', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{8,20}$/), (secret) => {
        assert.doesNotMatch(String(read(url('DATABASE_URL', 'postgres:'), `mysql://user:${secret}@host`)), /@host/);
        assert(!String(read(address('LISTEN'), secret)).includes(secret));
        assert(!String(read(keyFile('KEY', 32), join(folder, secret))).includes(secret));
      }),
    );
  });

  it('tells numbers in range from everything else', () => {
    const ratio = number('RATIO', { min: 0, max: 1 });
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (value) => assert.equal(read(ratio, `${value}`), value)),
    );
    for (const bad of ['-0.1', '1.1', 'NaN', 'Infinity', 'ten', '0,5'])
      assert.match(String(read(ratio, bad)), /^fault/, bad);
  });

  it('tells addresses from everything else', () => {
    for (const good of ['127.0.0.1:0', 'audit.mesh.svc:50051', '[::1]:443'])
      assert.equal(read(address('A'), good), good);
    for (const bad of ['localhost', ':80', 'host:', 'host:65536', 'http://host:80', '::1:80']) {
      assert.equal(read(address('A'), bad), 'fault: A must be host:port', bad);
    }
  });

  it('takes one of a closed list of words', () => {
    assert.equal(read(choice('LEVEL', ['info', 'warn']), 'warn'), 'warn');
    assert.equal(read(choice('LEVEL', ['info', 'warn']), 'loud'), 'fault: LEVEL must be one of info, warn');
  });

  it('wants files that exist and keys of the right length', () => {
    assert.equal(read(file('F'), join(folder, 'key')), join(folder, 'key'));
    assert.equal(read(file('F'), join(folder, 'none')), 'fault: F names a file that cannot be read (ENOENT)');
    assert.deepEqual(read(keyFile('K', 32), join(folder, 'key')), Buffer.alloc(32, 7));
    assert.equal(read(keyFile('K', 32), join(folder, 'short')), 'fault: K must name a file with 32 bytes in base64');
    const two = join(folder, 'two');
    writeFileSync(two, `${Buffer.alloc(32, 8).toString('base64')}\n${Buffer.alloc(32, 7).toString('base64')}\n`);
    assert.deepEqual(read(keysFile('K', 32), two), [Buffer.alloc(32, 8), Buffer.alloc(32, 7)]);
    assert.equal(read(keyFile('K', 32), two), 'fault: K must name a file with one key');
    assert.equal(read(keysFile('K', 32), join(folder, 'short')), 'fault: K must name a file with 32 bytes in base64');
  });
});
