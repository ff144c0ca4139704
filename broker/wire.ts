/** Reads a varint, exact up to 53 bits. `next` is beyond the end when it is cut off. */
export function readVarint(bytes: Uint8Array, offset: number): [value: number, next: number] {
  let value = 0;
  let factor = 1;
  for (let at = offset; at < bytes.length && at < offset + 10; at += 1) {
    const byte = bytes[at] as number;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return [value, at + 1];
    factor *= 128;
  }
  return [value, Number.POSITIVE_INFINITY];
}

/** Where a value begins and ends, by its wire type; what protobuf no longer knows ends nowhere. */
const SPANS: Readonly<Record<number, (bytes: Uint8Array, at: number) => [start: number, end: number]>> = {
  0: (bytes, at) => [at, readVarint(bytes, at)[1]],
  1: (_, at) => [at, at + 8],
  2: (bytes, at) => {
    const [length, start] = readVarint(bytes, at);
    return [start, start + length];
  },
  5: (_, at) => [at, at + 4],
};

/**
 * Walks over the top-level fields of a message without decoding what they hold. A value that is a text or a message lies
 * between `start` and `end`. False when the bytes are cut off or are no message; what was visited before that is void.
 */
export function walkFields(
  bytes: Uint8Array,
  visit: (field: number, start: number, end: number, wireType: number) => void,
): boolean {
  let at = 0;
  while (at < bytes.length) {
    const [tag, next] = readVarint(bytes, at);
    const span = SPANS[tag % 8]?.(bytes, next);
    if (span === undefined || !(span[1] <= bytes.length)) return false;
    visit(Math.floor(tag / 8), span[0], span[1], tag % 8);
    at = span[1];
  }
  return true;
}
