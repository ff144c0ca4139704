import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { jsonLineOf } from '../../../../cli/population/json-lines.ts';
import { population } from '../../../../cli/population/population.ts';
import { commandLine } from '../../../support/command-line.ts';

const expected = [...population(8, 1_201)].map(jsonLineOf).join('');

describe('rangkiang population generate', () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'generate-'));
  });
  after(() => rm(directory, { recursive: true }));

  it('writes the city to standard output, and nothing else', async () => {
    const { code, stdout, stderr } = await commandLine('population', 'generate', '--seed=8', '--residents=1201');
    assert.deepEqual([code, stderr], [0, '']);
    assert.equal(stdout, expected);
  });

  it('writes it to a file', async () => {
    const file = join(directory, 'city.jsonl');
    const words = ['population', 'generate', '--seed', '8', '--residents', '1201', '--out', file];
    const { code, stdout, stderr } = await commandLine(...words);
    assert.deepEqual([code, stdout], [0, '']);
    assert.match(stderr, /1\.201 \/ 1\.201 baris/);
    assert.equal(await readFile(file, 'utf8'), expected);
  });

  it('says what is wrong with its options, and that a file cannot be written', async () => {
    const cases = [
      [['--residents', '0'], 2, /--residents/],
      [['--seed', 'satu'], 2, /--seed/],
      [['--residents', '10', '--out', join(directory, 'no', 'city.jsonl')], 1, /city\.jsonl.*ENOENT/],
    ] as const;
    for (const [words, exit, told] of cases) {
      const { code, stderr } = await commandLine('population', 'generate', ...words);
      assert.equal(code, exit);
      assert.match(stderr, told);
    }
  });
});
