import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { replaceFile } from '#mesh/replace-file.ts';

describe('replacing a file', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rangkiang-replace-'));
  });
  after(() => rm(directory, { recursive: true }));

  it('leaves the new text alone, for its owner only, whatever an earlier crash left', async () => {
    const path = join(directory, 'kept');
    await writeFile(`${path}.new`, 'half of a longer text', { mode: 0o600 });
    for (const text of ['first', '2nd']) {
      await replaceFile(path, text);
      assert.equal(await readFile(path, 'utf8'), text);
    }
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(directory), ['kept']);
  });

  it('leaves the old one when the new one cannot be written', async () => {
    await assert.rejects(replaceFile(join(directory, 'missing', 'kept'), 'text'));
    assert.deepEqual(await readdir(directory), ['kept']);
  });
});
