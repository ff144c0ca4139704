import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import type { PeerCertificate } from 'node:tls';
import { peerOfCertificate } from '../../mesh/spiffe.ts';
import { type BundleId, bundlePath, type TileId, tilePath } from '../../mesh/tlog/tile.ts';
import { Tree } from '../../mesh/tlog/tree.ts';
import type { TlsFiles } from '../../mesh/tls.ts';
import { CliFailure } from '../failure.ts';

/** A log as C2SP tlog-tiles publishes it. What is not there reads as undefined. */
export interface LogSource {
  checkpoint(): Promise<string | undefined>;
  tile(tile: TileId): Promise<Buffer | undefined>;
  bundle(bundle: BundleId): Promise<Buffer | undefined>;
  /** Checkpoints of heads that end within a row of 256 entries or with it, smallest first; a copy may have none. */
  heads(row: bigint): Promise<readonly string[]>;
  close(): void;
}

const CONNECTIONS = 4;
// Not in the log, and pruned.
const ABSENT = [404, 410];

/** The tree of the first `size` entries, as the tiles show it now. It throws RangeError where they do not hold so many. */
export function treeOf(source: Pick<LogSource, 'tile'>, size: bigint): Tree {
  return new Tree(size, async (tile) => (await source.tile(tile)) ?? Buffer.alloc(0));
}

/** Its root; undefined where the tiles do not hold so many. */
export async function rootOf(source: Pick<LogSource, 'tile'>, size: bigint): Promise<Buffer | undefined> {
  return treeOf(source, size)
    .root()
    .catch((error: unknown) => {
      if (error instanceof RangeError) return undefined;
      throw error;
    });
}

function sourceOf(read: (path: string) => Promise<Buffer | undefined>, close: () => void): LogSource {
  return {
    checkpoint: async () => (await read('checkpoint'))?.toString(),
    tile: (tile) => read(tilePath(tile)),
    bundle: (bundle) => read(bundlePath(bundle)),
    heads: async (row) =>
      (await read(`heads/${row}`))
        ?.toString()
        .split(/(?<=\n)\n\n/)
        .filter(Boolean) ?? [],
    close,
  };
}

/** A log at an address, read with a client certificate. Its server must be the audit service of this mesh. */
export function httpsLog(url: string, tls: TlsFiles): LogSource {
  const agent = new Agent({
    keepAlive: true,
    maxSockets: CONNECTIONS,
    ca: readFileSync(tls.ca),
    cert: readFileSync(tls.cert),
    key: readFileSync(tls.key),
    checkServerIdentity: (_host: string, certificate: PeerCertificate) => {
      const server = peerOfCertificate(certificate.raw);
      return server?.kind === 'MESH' && server.name === 'audit'
        ? undefined
        : new Error('this is not the audit service');
    },
  });
  const read = (path: string) =>
    new Promise<Buffer | undefined>((resolve, reject) => {
      const asked = request(`${url}/${path}`, { agent }, async (response) => {
        const chunks: Buffer[] = [];
        try {
          for await (const chunk of response) chunks.push(chunk);
        } catch (error) {
          return reject(error);
        }
        const body = Buffer.concat(chunks);
        if (response.statusCode === 200) resolve(body);
        else if (ABSENT.includes(response.statusCode ?? 0)) resolve(undefined);
        else reject(refused(url, response.statusCode ?? 0, body.toString().trim()));
      });
      asked.on('error', (cause: Error) => reject(away(url, cause)));
      asked.end();
    });
  return sourceOf(read, () => agent.destroy());
}

/** A log in a directory, as a mirror keeps it: files by the same paths. */
export function directoryLog(directory: string): LogSource {
  const read = async (path: string) => {
    try {
      return await readFile(join(directory, path));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      throw error;
    }
  };
  return sourceOf(read, () => {});
}

function refused(url: string, status: number, words: string): CliFailure {
  return new CliFailure({
    id: `Log audit di ${url} menolak (${status}: ${words}). Pakai sertifikat SECURITY, atau coba lagi.`,
    en: `The audit log at ${url} refuses (${status}: ${words}). Use the certificate of SECURITY, or try again.`,
  });
}

function away(url: string, cause: Error): CliFailure {
  return new CliFailure(
    {
      id: `Log audit di ${url} tidak menjawab (${cause.message}). Periksa apakah layanan audit berjalan.`,
      en: `The audit log at ${url} does not answer (${cause.message}). See whether the audit service runs.`,
    },
    1,
    { cause },
  );
}
