/** A header as name and value; names in lower case. */
export type Header = readonly [name: string, value: string];

const FIRST_DYNAMIC_INDEX = 62;
// RFC 7541 appendix A: the two headers of every gRPC call that the static table holds with their values.
const STATIC_INDEX = new Map([
  [':method POST', 3],
  [':scheme https', 7],
]);

/**
 * Encodes one call's headers for a connection that only ever sends these: `first` puts them into the server's dynamic
 * table, `again` refers to them there with one byte each, as every real gRPC client does after its first call.
 */
export function encodeHeaders(headers: readonly Header[]): { first: Buffer; again: Buffer } {
  const inserted = headers.filter(([name, value]) => !STATIC_INDEX.has(`${name} ${value}`));
  const first: Buffer[] = [];
  const again: Buffer[] = [];
  for (const header of headers) {
    const fixed = STATIC_INDEX.get(header.join(' '));
    // The table's newest entry has the lowest index.
    const index = fixed ?? FIRST_DYNAMIC_INDEX + inserted.length - 1 - inserted.indexOf(header);
    first.push(fixed === undefined ? insertion(header) : indexed(fixed));
    again.push(indexed(index));
  }
  return { first: Buffer.concat(first), again: Buffer.concat(again) };
}

function indexed(index: number): Buffer {
  if (index > 126) throw new RangeError('more headers than one byte can index');
  return Buffer.of(0x80 | index);
}

function insertion([name, value]: Header): Buffer {
  return Buffer.concat([Buffer.of(0x40), text(name), text(value)]);
}

/** A string literal without Huffman coding: its length in 7 bits or more, then its bytes. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  if (bytes.length < 127) return Buffer.concat([Buffer.of(bytes.length), bytes]);
  const length = [127];
  let rest = bytes.length - 127;
  for (; rest > 127; rest >>= 7) length.push((rest & 127) | 128);
  return Buffer.concat([Buffer.from(length), Buffer.of(rest), bytes]);
}

// "grpc-status" as a string literal in Huffman code (8 bytes), which is how nghttp2 writes it.
const GRPC_STATUS = Buffer.from('889acac8b21234da8f', 'hex');

/**
 * Reads the gRPC status code out of a block of trailers that was encoded without a dynamic table, or -1 when it has
 * none. A code has one or two digits, for which Huffman code is never shorter, so that they stand there as they are.
 */
export function grpcStatus(block: Buffer): number {
  const at = block.indexOf(GRPC_STATUS);
  if (at < 0) return -1;
  const value = at + GRPC_STATUS.length;
  return Number(block.toString('latin1', value + 1, value + 1 + (block[value] ?? 0)));
}
