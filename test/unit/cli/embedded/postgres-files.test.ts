import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { linkLibraries } from '../../../../cli/embedded/postgres-files.ts';

describe('linkLibraries', () => {
  let root: string;
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'rangkiang-links-'));
    mkdirSync(join(root, 'native/lib'), { recursive: true });
    writeFileSync(join(root, 'native/lib/libpq.so.5.18'), 'library');
    const links = ['libpq.so', 'libpq.so.5'].map((name) => ({
      source: 'native/lib/libpq.so.5.18',
      target: `native/lib/${name}`,
    }));
    writeFileSync(join(root, 'native/pg-symlinks.json'), JSON.stringify(links));
  });
  after(() => rmSync(root, { recursive: true }));

  it('makes the links that the install script would have made, and only once', () => {
    linkLibraries(root);
    rmSync(join(root, 'native/lib/libpq.so'));
    linkLibraries(root);
    for (const name of ['libpq.so', 'libpq.so.5']) {
      assert.equal(readlinkSync(join(root, 'native/lib', name)), 'libpq.so.5.18');
    }
  });

  it('minds nothing where there is no list', () => {
    linkLibraries(join(root, 'native'));
  });
});
