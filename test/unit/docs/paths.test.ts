import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, it } from 'mocha';

const root = resolve(import.meta.dirname, '../../..');
const pages = globSync(['*.md', 'docs/**/*.md'], { cwd: root });

describe('the documents', () => {
  it('list every decision record', () => {
    const index = readFileSync(join(root, 'docs/decisions/README.md'), 'utf8');
    for (const record of globSync('[0-9]*.md', { cwd: join(root, 'docs/decisions') })) {
      assert.ok(index.includes(`(${record})`), `${record} is not in the index`);
    }
  });

  for (const page of pages) {
    it(`name only files and folders that exist: ${page}`, () => {
      const text = readFileSync(join(root, page), 'utf8');
      for (const [, target = ''] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
        assert.ok(existsSync(join(root, dirname(page), target)), `link to ${target}`);
      }
      // `mesh/tls.ts`, `broker/quota/`: a path in code type begins with a folder of ours. "<...>" stands for any name.
      const folders = 'proto|mesh|services|broker|cli|deploy|data|test|bench|sim|docs|scripts';
      for (const [, path = ''] of text.matchAll(new RegExp(`\`((?:${folders})/[\\w./-]*)\``, 'g'))) {
        assert.ok(existsSync(join(root, path)), `path ${path}`);
      }
    });
  }
});
