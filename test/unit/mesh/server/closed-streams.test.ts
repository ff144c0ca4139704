import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'mocha';
import { releaseClosedStreams } from '../../../../mesh/server/closed-streams.ts';

describe('releaseClosedStreams', () => {
  it('takes the listeners off a closed stream, after they have heard of the close', async () => {
    releaseClosedStreams();
    const server = createServer();
    const served = new Promise<ServerHttp2Stream>((resolve) => server.on('stream', resolve));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    try {
      const request = client.request({ ':path': '/', ':method': 'POST' });
      request.resume();
      const stream = await served;
      stream.resume();
      const heard = new Promise<void>((resolve) => stream.once('close', resolve));
      stream.on('error', () => {});
      stream.respond({ ':status': 200 });
      stream.end();
      request.end();
      await heard;
      // The last listener runs in the same turn as the one that was heard.
      await new Promise(setImmediate);
      assert.deepEqual(stream.eventNames(), []);
    } finally {
      client.close();
      server.close();
    }
  });
});
