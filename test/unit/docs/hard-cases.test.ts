import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'mocha';

const root = resolve(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const rows = [...read('docs/hard-cases.md').matchAll(/^\| (.+) \| `(test\/.+)` \| `(.+)` \|$/gm)].map(
  ([, hardCase = '', file = '', title = '']) => ({ hardCase, file, title }),
);

/** The titles of a file's tests as its source writes them, placeholders included. */
function titlesOf(file: string): Set<string> {
  const titles = read(file).matchAll(/\bit\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`([^`]*)`)/g);
  return new Set([...titles].map(([, single, double, template]) => single ?? double ?? template ?? ''));
}

describe('the page of hard cases', () => {
  it('names tests that exist, in the file that it names', () => {
    const missing = rows.filter(({ file, title }) => !titlesOf(file).has(title));
    assert.deepEqual(missing, []);
  });

  it('has a test for every case, and no row that cannot be read', () => {
    const lines = read('docs/hard-cases.md').match(/^\| (?!case |--).*$/gm) ?? [];
    assert.equal(rows.length, lines.length);
    assert(rows.length > 50);
  });
});
