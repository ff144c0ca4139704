import type { Writable } from 'node:stream';

// grpc-js counts messages: it lets 16 wait for a reader that has stopped, of up to 4 MiB each.
const MOST_WAITING_BYTES = 256 * 1024;

/**
 * Writes messages to a gRPC stream at the pace of its reader. The function that it gives writes one and tells whether there
 * is room for the next; after a no, `room` is called once there is. A message waits until the peer has made room for it.
 */
export function outflow(call: Pick<Writable, 'write'>, room: () => void): (body: Buffer) => boolean {
  let waitingBytes = 0;
  return (body) => {
    waitingBytes += body.length;
    call.write(body, () => {
      const wasFull = waitingBytes > MOST_WAITING_BYTES;
      waitingBytes -= body.length;
      if (wasFull && waitingBytes <= MOST_WAITING_BYTES) room();
    });
    return waitingBytes <= MOST_WAITING_BYTES;
  };
}
