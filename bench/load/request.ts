import { Flag, FRAME_HEADER_BYTES, FrameType, frame, grpcMessage } from './frames.ts';
import { encodeHeaders, type Header } from './hpack.ts';

/** One call's bytes, complete but for the stream's number, which stands in two places. */
export interface RequestTemplate {
  bytes: Buffer;
  /** Length of the message with its prefix: what the call takes from the server's window. */
  dataBytes: number;
  idOffsets: readonly [headers: number, data: number];
}

/** Makes the templates of a connection's first call and of all later ones, which take the messages in turn. */
export function requestTemplates(
  headers: readonly Header[],
  messages: readonly Uint8Array[],
): { first: RequestTemplate; later: RequestTemplate[] } {
  const blocks = encodeHeaders(headers);
  const [message] = messages;
  if (message === undefined) throw new RangeError('no message to send');
  return {
    first: template(blocks.first, message),
    later: messages.map((each) => template(blocks.again, each)),
  };
}

function template(block: Buffer, message: Uint8Array): RequestTemplate {
  const data = grpcMessage(message);
  return {
    bytes: Buffer.concat([
      frame(FrameType.HEADERS, Flag.END_HEADERS, 0, block),
      frame(FrameType.DATA, Flag.END_STREAM, 0, data),
    ]),
    dataBytes: data.length,
    idOffsets: [5, FRAME_HEADER_BYTES + block.length + 5],
  };
}
