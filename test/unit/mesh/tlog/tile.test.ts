import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  bundlePath,
  decodeBundle,
  encodeBundle,
  levelsDown,
  parseTilePath,
  tilePath,
  tileWidth,
} from '#mesh/tlog/tile.ts';

const index = fc.bigInt({ min: 0n, max: (1n << 55n) - 1n });
const width = fc.integer({ min: 1, max: 256 });

describe('the paths of tiles', () => {
  it('are those of C2SP tlog-tiles', () => {
    assert.equal(tilePath({ level: 0, index: 1_234_067n, width: 256 }), 'tile/0/x001/x234/067');
    assert.equal(tilePath({ level: 3, index: 0n, width: 7 }), 'tile/3/000.p/7');
    assert.equal(tilePath({ level: 1, index: 1_000n, width: 256 }), 'tile/1/x001/000');
    assert.equal(bundlePath({ index: 999n, width: 255 }), 'tile/entries/999.p/255');
  });

  it('lead back to their tile', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 7 }), index, width, (level, at, wide) => {
        assert.deepEqual(parseTilePath(tilePath({ level, index: at, width: wide })), { level, index: at, width: wide });
        const bundle = parseTilePath(bundlePath({ index: at, width: wide }));
        assert.deepEqual(bundle, { level: 'entries', index: at, width: wide });
      }),
    );
  });

  it('are no other', () => {
    const wrong = [
      '',
      'tile/0/0',
      'tile/8/000',
      'tile/0/000.p/0',
      'tile/0/000.p/256',
      'tile/0/000.p/257',
      'tile/0/x000/005',
    ];
    wrong.push('tile/0/001/002', 'tile/entries', 'tile/0/000/', '/tile/0/000', 'tile/0/000.p/07', 'tile/00/000');
    for (const path of wrong) assert.equal(parseTilePath(path), undefined, path);
  });

  it('exist as wide as the tree is', () => {
    assert.equal(tileWidth(70_000n, 0, 273n), 112);
    assert.equal(tileWidth(70_000n, 1, 1n), 17);
    assert.equal(tileWidth(70_000n, 2, 0n), 1);
    assert.equal(tileWidth(70_000n, 0, 274n), 0);
    assert.equal(tileWidth(65_536n, 0, 255n), 256);
    assert.deepEqual(levelsDown(70_000n), [2, 1, 0]);
    assert.deepEqual(levelsDown(0n), []);
  });
});

describe('a bundle', () => {
  it('gives back its entries', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (arrays) => {
        const entries = arrays.map((bytes) => Buffer.from(bytes));
        assert.deepEqual(decodeBundle(encodeBundle(entries)), entries);
      }),
    );
  });

  it('is refused when it is cut short', () => {
    const bundle = encodeBundle([Buffer.from('abc'), Buffer.from('defg')]);
    for (const length of [1, 3, bundle.length - 1])
      assert.throws(() => decodeBundle(bundle.subarray(0, length)), RangeError);
  });
});
