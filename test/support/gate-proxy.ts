import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Which way bytes go. */
export type Direction = 'request' | 'answer';

/** A way to a server on this machine that a test can close while something is on it. It needs no key: TLS stays closed to it. */
export interface GateProxy {
  readonly port: number;
  /** Where connections that are made from now on go. */
  route(port: number): void;
  /**
   * Holds what goes in one direction: on the connection of the next request that holds these bytes, from that request on;
   * without bytes on every connection, from now on. Resolves when something is held.
   */
  hold(direction: Direction, bytes?: string): Promise<void>;
  /** Passes on what was held and its connections still want. */
  open(): void;
  /** Lets every piece come so much later; 0 for at once. */
  slow(delayMs: number): void;
  /** Breaks all connections. */
  cut(): void;
  close(): Promise<void>;
}

interface Hold {
  readonly direction: Direction;
  readonly bytes: string | undefined;
  /** The one connection that it is about, once it is known. */
  marked: Socket | undefined;
  readonly held: { readonly socket: Socket; readonly piece: Buffer }[];
  readonly reached: PromiseWithResolvers<void>;
}

/**
 * Starts a proxy to the port `target` on this machine, which sees callers come from `localAddress`, e.g. "127.0.0.2".
 * It has a port of its own, or `listen`; `onConnection` is told of each caller.
 */
export async function startGateProxy(
  target = 0,
  {
    listen = 0,
    localAddress = '127.0.0.1',
    onConnection,
  }: { listen?: number; localAddress?: string; onConnection?: () => void } = {},
): Promise<GateProxy> {
  let port = target;
  let delayMs = 0;
  let hold: Hold | undefined;
  const sockets = new Set<Socket>();

  function isHeld(client: Socket, direction: Direction, piece: Buffer): boolean {
    if (!hold) return false;
    if (hold.bytes !== undefined && !hold.marked && direction === 'request' && piece.includes(hold.bytes))
      hold.marked = client;
    return direction === hold.direction && (hold.bytes === undefined || hold.marked === client);
  }

  function pass(client: Socket, to: Socket, direction: Direction): (piece: Buffer) => void {
    return (piece) => {
      if (isHeld(client, direction, piece)) {
        hold?.held.push({ socket: to, piece });
        hold?.reached.resolve();
      } else if (delayMs > 0) {
        // Timers of one delay fire in the order in which they were set.
        setTimeout(() => to.write(piece), delayMs);
      } else {
        to.write(piece);
      }
    };
  }

  const server = createServer((client) => {
    onConnection?.();
    const upstream = connect({ port, host: '127.0.0.1', localAddress });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', pass(client, upstream, 'request'));
    upstream.on('data', pass(client, client, 'answer'));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(listen, '127.0.0.1', resolve);
  });
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    route: (next) => {
      port = next;
    },
    hold(direction, bytes) {
      hold = { direction, bytes, marked: undefined, held: [], reached: Promise.withResolvers() };
      return hold.reached.promise;
    },
    open() {
      for (const { socket, piece } of hold?.held ?? []) if (!socket.destroyed) socket.write(piece);
      hold = undefined;
    },
    slow: (nextMs) => {
      delayMs = nextMs;
    },
    cut,
    async close() {
      cut();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
