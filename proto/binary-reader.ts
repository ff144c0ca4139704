import { BinaryReader as LibraryReader } from '@bufbuild/protobuf/wire';

/** The value of a bytes field that is not there: one for all messages. */
export const NO_BYTES: Buffer<ArrayBuffer> = Buffer.alloc(0);

/**
 * The reader of all generated code. A bytes field is a Buffer and a view into the message that was read, where ts-proto makes a
 * copy of each: a record is handed on as the bytes that it came in. Whoever keeps a few bytes of a large message copies them.
 */
export class BinaryReader extends LibraryReader {
  constructor(bytes: Uint8Array) {
    super(Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  }

  override bytes(): Buffer<ArrayBuffer> {
    return super.bytes() as Buffer<ArrayBuffer>;
  }
}
