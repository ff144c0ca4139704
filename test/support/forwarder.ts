import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a server on which callers come from another address of this machine. */
export interface Forwarder {
  /** host:port to connect to. */
  readonly address: string;
  close(): Promise<void>;
}

/** Starts it: what comes in goes on to `target` (host:port) from `localAddress`, e.g. "127.0.0.2". grpc-js cannot choose its own. */
export async function startForwarder(target: string, localAddress: string): Promise<Forwarder> {
  const [host = '', port] = target.split(':');
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const onward = connect({ host, port: Number(port), localAddress });
    for (const socket of [client, onward]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        onward.destroy();
      });
    }
    client.pipe(onward).pipe(client);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
