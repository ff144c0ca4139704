import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { MeshError } from '#mesh/errors.ts';
import type { Logger } from '#mesh/log.ts';
import { type Peer, peerOfCertificate } from '#mesh/spiffe.ts';
import { parseTilePath, TILE_WIDTH, type TileId } from '#mesh/tlog/tile.ts';
import { followCertificates, type TlsFiles } from '#mesh/tls.ts';

/** The log as it is served over HTTPS, by the paths of C2SP tlog-tiles. */
export interface ServedLog {
  /** The newest published checkpoint; empty before the first. */
  checkpoint(): string;
  /** The hashes of a tile; fewer than its width when the log has not got that far. */
  tile(tile: TileId): Promise<Buffer>;
  /** The entries of a bundle; undefined when the log has not got that far, or they were pruned. */
  bundle(index: bigint, width: number): Promise<Buffer | undefined>;
  /** Whether the entries of this bundle were pruned. */
  isPruned(bundle: bigint): Promise<boolean>;
  /** The checkpoints of heads that end within a row of 256 entries, smallest first. */
  heads(row: bigint): Promise<readonly string[]>;
  /** Resolves once it is recorded that this peer reads entries. */
  recordReader(peer: Peer): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body?: Buffer | string;
  /** Whether it never changes: what is full stays as it is. */
  readonly isFinal?: boolean;
}

// Who may read records; see the statute rules of the broker.
const READER = 'SECURITY';
const FORBIDDEN: Answer = { status: 403, body: 'only for the security team\n' };
const NOT_FOUND: Answer = { status: 404, body: 'not in the log\n' };
// A checkpoint holds one empty line and never two.
const HEADS_BETWEEN = '\n\n';
// tlog-tiles lets a log refuse bundles and tiles below a minimum index; docs/decisions/0029 says where ours does otherwise.
const PRUNED: Answer = { status: 410, body: 'pruned\n' };
const IDLE_MS = 60_000;

/** Answers requests for the log. One reader's connection is recorded once, before its first bundle leaves. */
class TileAnswers {
  readonly #log: ServedLog;
  readonly #recorded = new WeakSet<TLSSocket>();

  constructor(log: ServedLog) {
    this.#log = log;
  }

  async answer(path: string, socket: TLSSocket): Promise<Answer> {
    const der = socket.getPeerCertificate().raw;
    const peer = der && peerOfCertificate(der);
    if (!peer || peer.notAfterMs <= Date.now()) return { status: 403, body: 'no certificate of this mesh\n' };
    if (path === 'checkpoint') {
      const checkpoint = this.#log.checkpoint();
      return checkpoint === '' ? NOT_FOUND : { status: 200, body: checkpoint };
    }
    const row = /^heads\/(\d{1,16})$/.exec(path)?.[1];
    if (row !== undefined) return { status: 200, body: (await this.#log.heads(BigInt(row))).join(HEADS_BETWEEN) };
    const id = parseTilePath(path);
    if (!id) return NOT_FOUND;
    const isFinal = id.width === TILE_WIDTH;
    if (id.level !== 'entries') {
      const body = await this.#log.tile(id as TileId);
      return body.length === id.width * 32 ? { status: 200, body, isFinal } : NOT_FOUND;
    }
    if (peer.kind !== 'OPD' || peer.opd !== READER) return FORBIDDEN;
    if (!this.#recorded.has(socket)) await this.#log.recordReader(peer);
    this.#recorded.add(socket);
    const body = await this.#log.bundle(id.index, id.width);
    if (body) return { status: 200, body, isFinal };
    return (await this.#log.isPruned(id.index)) ? PRUNED : NOT_FOUND;
  }
}

/** Serves tiles and checkpoints to every certificate of the mesh or an OPD, entries to the security team alone. */
export async function startTileServer(options: {
  listen: string;
  tls: TlsFiles;
  served: ServedLog;
  log: Logger;
}): Promise<{ address: string; close(): Promise<void> }> {
  const answers = new TileAnswers(options.served);
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.method !== 'GET') return end(response, { status: 405, body: 'only GET\n' });
    try {
      end(response, await answers.answer((request.url ?? '/').slice(1), request.socket as TLSSocket));
    } catch (err) {
      const isAway = err instanceof MeshError;
      if (!isAway) options.log.error({ err }, 'a tile cannot be read');
      end(response, isAway ? { status: 503, body: 'ask again\n' } : { status: 500 });
    }
  };
  const server = createServer({ requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' }, respond);
  server.keepAliveTimeout = IDLE_MS;
  followCertificates(options.tls, (certificates) => server.setSecureContext(certificates));
  const [host = '', port = ''] = options.listen.split(/:(?=\d+$)/);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(port), host.replaceAll(/[[\]]/g, ''), () => resolve());
  });
  return {
    address: `${host}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function end(response: ServerResponse, { status, body = '', isFinal = false }: Answer): void {
  response.writeHead(status, {
    'content-type': typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/octet-stream',
    'content-length': Buffer.byteLength(body),
    'cache-control': isFinal ? 'private, max-age=31536000, immutable' : 'no-store',
  });
  response.end(body);
}
