import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a server that can lose its answers. */
export interface CuttingProxy {
  readonly port: number;
  /** The next request that holds these bytes reaches the server, but its connection is cut when the answer comes. */
  cutAnswerTo(bytes: string): void;
  /** How many answers were lost. */
  readonly cuts: number;
  close(): Promise<void>;
}

/** Starts a TCP proxy to `port` on this machine. */
export async function startCuttingProxy(port: number): Promise<CuttingProxy> {
  let wanted: string | undefined;
  let cuts = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    let isMarked = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('data', (request) => {
      if (wanted !== undefined && request.includes(wanted)) {
        wanted = undefined;
        isMarked = true;
      }
      upstream.write(request);
    });
    upstream.on('data', (answer) => {
      if (!isMarked) {
        client.write(answer);
        return;
      }
      isMarked = false;
      cuts++;
      client.destroy();
    });
    upstream.on('end', () => client.end());
    client.on('close', () => upstream.end());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    cutAnswerTo: (bytes) => {
      wanted = bytes;
    },
    get cuts() {
      return cuts;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
