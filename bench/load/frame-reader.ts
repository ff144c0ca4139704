import { FRAME_HEADER_BYTES } from './frames.ts';

/** One frame as it came; `payload` is a view that holds until the next read. */
export interface Frame {
  type: number;
  flags: number;
  stream: number;
  payload: Buffer;
}

/** Cuts the bytes of a connection into frames, whatever pieces they arrive in. */
export class FrameReader {
  #unread: Buffer = Buffer.alloc(0);

  /** Takes the next piece and hands over every frame that it completes. */
  read(piece: Buffer, onFrame: (frame: Frame) => void): void {
    const bytes = this.#unread.length === 0 ? piece : Buffer.concat([this.#unread, piece]);
    let at = 0;
    while (bytes.length - at >= FRAME_HEADER_BYTES) {
      const start = at + FRAME_HEADER_BYTES;
      const end = start + bytes.readUIntBE(at, 3);
      if (end > bytes.length) break;
      onFrame({
        type: bytes.readUInt8(at + 3),
        flags: bytes.readUInt8(at + 4),
        stream: bytes.readUInt32BE(at + 5),
        payload: bytes.subarray(start, end),
      });
      at = end;
    }
    this.#unread = bytes.subarray(at);
  }
}
