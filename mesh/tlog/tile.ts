// C2SP tlog-tiles: https://c2sp.org/tlog-tiles. Tiles of height 8: level L holds the hashes of perfect subtrees of 256^L entries.

/** Hashes in a full tile, and entries in a full bundle. */
export const TILE_WIDTH = 256;
/** Levels that 2^63 entries need. */
const LEVELS = 8;

/** One tile of a tree: at most 256 hashes of one level in a row. */
export interface TileId {
  readonly level: number;
  readonly index: bigint;
  /** How many hashes; less than 256 only at the right edge. */
  readonly width: number;
}

/** A row of 256 entries or, at the right edge, fewer. */
export interface BundleId {
  readonly index: bigint;
  readonly width: number;
}

/** How many hashes a level has in a tree of so many entries. */
export function levelSize(size: bigint, level: number): bigint {
  return size >> BigInt(8 * level);
}

/** How wide the tile at this place is in a tree of so many entries; 0 when there is none. */
export function tileWidth(size: bigint, level: number, index: bigint): number {
  const left = levelSize(size, level) - index * BigInt(TILE_WIDTH);
  return left <= 0n ? 0 : left >= BigInt(TILE_WIDTH) ? TILE_WIDTH : Number(left);
}

/** All levels that a tree of so many entries has, from the highest to the lowest. */
export function levelsDown(size: bigint): number[] {
  return Array.from({ length: LEVELS }, (_, at) => LEVELS - 1 - at).filter((level) => levelSize(size, level) > 0n);
}

/** "x001/x234/067" for 1234067: groups of three digits, so that no folder holds more than 1,000 names. */
function placeOf(index: bigint, width: number): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? [];
  const place = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
  return width === TILE_WIDTH ? place : `${place}.p/${width}`;
}

/** "tile/0/x001/234", below the address of the log. */
export function tilePath({ level, index, width }: TileId): string {
  return `tile/${level}/${placeOf(index, width)}`;
}

/** "tile/entries/x001/234.p/7". */
export function bundlePath({ index, width }: BundleId): string {
  return `tile/entries/${placeOf(index, width)}`;
}

const PLACE = /^tile\/(entries|[0-7])\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** Which tile or bundle a path names; undefined when it is not exactly the path of one. */
export function parseTilePath(path: string): TileId | (BundleId & { readonly level: 'entries' }) | undefined {
  const [, level = '', place = '', part] = PLACE.exec(path) ?? [];
  if (place === '') return undefined;
  const at = { index: BigInt(place.replaceAll(/[x/]/g, '')), width: part === undefined ? TILE_WIDTH : Number(part) };
  if (at.width > TILE_WIDTH) return undefined;
  const id = level === 'entries' ? { ...at, level: 'entries' as const } : { ...at, level: Number(level) };
  // One name for one tile: "000/005" and ".p/256" are none.
  const canonical = id.level === 'entries' ? bundlePath(id) : tilePath(id as TileId);
  return canonical === path ? id : undefined;
}

/** The bytes of an entry bundle: each entry behind its length in two bytes. */
export function encodeBundle(entries: readonly Buffer[]): Buffer {
  return Buffer.concat(
    entries.flatMap((entry) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(entry.length);
      return [length, entry];
    }),
  );
}

/** The entries of a bundle, each a view of it. Throws RangeError when it is cut short. */
export function decodeBundle(bundle: Buffer): Buffer[] {
  const entries: Buffer[] = [];
  for (let at = 0; at < bundle.length; ) {
    const end = at + 2 + bundle.readUInt16BE(at);
    if (end > bundle.length) throw new RangeError('the bundle is cut short');
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  return entries;
}
