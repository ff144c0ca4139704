import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { CITY_VERSION } from './population.ts';

/** A UUID (RFC 9562 version 8) made of the first 16 bytes of a digest: the same content, the same import. */
function uuidOf(digest: Buffer): string {
  const bytes = Buffer.from(digest.subarray(0, 16));
  bytes[6] = (bytes.readUInt8(6) & 0x0f) | 0x80;
  bytes[8] = (bytes.readUInt8(8) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** The import id of a generated city. Another seed, size or version of the generator is another import. */
export function cityImportId(seed: number, residents: number): string {
  const name = `rangkiang population ${CITY_VERSION} seed ${seed} residents ${residents}`;
  return uuidOf(createHash('sha256').update(name).digest());
}

/** The import id of a file by its content, and its number of lines. Reads the file once, 64 KiB at a time. */
export async function fileImportId(file: string): Promise<{ importId: string; lines: number }> {
  const hash = createHash('sha256');
  let lines = 0;
  let endsInLine = false;
  for await (const block of createReadStream(file) as AsyncIterable<Buffer>) {
    hash.update(block);
    for (let at = block.indexOf(10); at >= 0; at = block.indexOf(10, at + 1)) lines += 1;
    endsInLine = block[block.length - 1] !== 10;
  }
  return { importId: uuidOf(hash.digest()), lines: endsInLine ? lines + 1 : lines };
}
