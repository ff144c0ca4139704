import { subscribe } from 'node:diagnostics_channel';
import type { ServerHttp2Stream } from 'node:http2';

/**
 * Lets closed HTTP/2 streams go of their calls. Node keeps the open streams of a connection in a Map, so that closed ones live
 * until the next full collection (why: see UnderWay), and grpc-js hangs the whole call on a stream's listeners.
 */
export function releaseClosedStreams(): void {
  subscribe('http2.server.stream.close', (message) => {
    const { stream } = message as { stream: ServerHttp2Stream };
    // Behind every other listener: grpc-js hears of the close first, and nothing is emitted after it.
    stream.once('close', () => stream.removeAllListeners());
  });
}
