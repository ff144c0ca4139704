import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { MemoryFile, MemoryRefused, nothingSeen } from '../../../broker/memory-file.ts';

const seen = { version: 12n, digest: Buffer.alloc(32, 0xab), auditSize: 3_456n };
const nowhere = () => undefined;

describe('MemoryFile', () => {
  let parent: string;
  let directory: string;
  let file: MemoryFile;
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'rangkiang-memory-'));
    directory = join(parent, 'broker-1');
    file = new MemoryFile(directory);
  });
  afterEach(() => rm(parent, { recursive: true }));

  it('gives back what was saved last, and leaves no draft behind', async () => {
    await file.save(nothingSeen);
    await file.save(seen);
    assert.deepEqual(await new MemoryFile(directory).load(nowhere), seen);
    assert.deepEqual(await readdir(directory), ['memory.json']);
  });

  it('begins with what a witness or a first run gives when there is none, and prefers its own', async () => {
    assert.deepEqual(await file.load(() => nothingSeen), nothingSeen);
    await file.save(seen);
    assert.deepEqual(await file.load(() => nothingSeen), seen);
  });

  it('refuses to begin without a memory, and says what to do', async () => {
    await assert.rejects(file.load(nowhere), (error) => {
      assert(error instanceof MemoryRefused);
      assert.match(error.message, /memory\.json is missing.*RANGKIANG_FIRST_RUN=true/);
      return true;
    });
  });

  it('refuses what was written half or by somebody else, also for a first run', async () => {
    await file.save(seen);
    const path = join(directory, 'memory.json');
    const whole = await readFile(path, 'utf8');
    for (const text of [
      whole.slice(0, 40),
      '',
      'null',
      '[]',
      '{}',
      whole.replace('"12"', '12'),
      whole.replace('ab', 'xy'),
    ]) {
      await writeFile(path, text);
      await assert.rejects(
        file.load(() => nothingSeen),
        /memory\.json is damaged\..*RANGKIANG_FIRST_RUN=true/,
        text,
      );
    }
  });
});
