import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { ensureRedis } from '../../../../cli/embedded/redis-program.ts';

const silent = () => assert.fail('there was nothing to say');

describe('ensureRedis', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rangkiang-path-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const install = (name: string, mode = 0o755) => {
    writeFileSync(join(folder, name), '#!/bin/sh\n');
    chmodSync(join(folder, name), mode);
    return join(folder, name);
  };
  const machine = () => ({ path: `:${folder}:`, mayInstall: false });

  it('finds Redis on PATH before Valkey', () => {
    const valkey = install('valkey-server');
    assert.equal(ensureRedis(silent, machine()), valkey);
    const redis = install('redis-server');
    assert.equal(ensureRedis(silent, machine()), redis);
  });

  it('says which package to install, where it may not do so itself', () => {
    install('redis-server', 0o644);
    assert.throws(() => ensureRedis(silent, machine()), /install the package redis-server/);
  });
});
