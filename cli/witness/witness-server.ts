import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Witness, WitnessAnswer } from './witness.ts';

// The protocol's own bound is 64 KiB.
const BODY_MAX_BYTES = 64 << 10;

async function answer(request: IncomingMessage, witness: Witness): Promise<WitnessAnswer> {
  if (request.url !== '/add-checkpoint' || request.method !== 'POST') return { status: 404, body: 'not found\n' };
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > BODY_MAX_BYTES) return { status: 400, body: 'too large\n' };
    chunks.push(chunk);
  }
  return witness.addCheckpoint(Buffer.concat(chunks).toString());
}

/**
 * Serves a witness over HTTP. What goes over the line is signed on both sides and no secret, so that it needs no TLS of its
 * own; where the line is not private, a proxy adds it.
 */
export async function startWitnessServer(
  listen: string,
  witness: Witness,
  onFault: (error: unknown) => void,
): Promise<{ address: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(request, witness).then(
      ({ status, body, type = 'text/plain; charset=utf-8' }) => {
        response.writeHead(status, { 'content-type': type });
        response.end(body);
      },
      (error: unknown) => {
        onFault(error);
        response.writeHead(500);
        response.end();
      },
    );
  });
  const [host = '', port = ''] = listen.split(/:(?=\d+$)/);
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
