import { BinaryReader as Copying } from '@bufbuild/protobuf/wire';

/** The value of a bytes field that is not there: one for all messages. */
export const NO_BYTES: Buffer<ArrayBuffer> = Buffer.alloc(0);

/**
 * The reader of all generated code. A bytes field is a view into the message that was read, not a copy of its own: a record
 * is handed on as the bytes that it came in.
 */
export class BinaryReader extends Copying {
  constructor(bytes: Uint8Array) {
    super(Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  }

  override bytes(): Buffer<ArrayBuffer> {
    const bytes = super.bytes();
    return bytes.length === 0 ? NO_BYTES : (bytes as Buffer<ArrayBuffer>);
  }
}
