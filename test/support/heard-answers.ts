import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { appendFileSync, readFileSync } from 'node:fs';
import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { peerOfCertificate } from '#mesh/spiffe.ts';

/** How a call of an OPD ended, as the OPD's own process heard it. It holds nothing of what was asked or answered. */
export interface HeardAnswer {
  /** Path of the method; "unknown" when it does not look like one, because a test may put anything there. */
  readonly method: string;
  /** Whose certificate the connection shows. */
  readonly opd: string;
  readonly unit: string;
  readonly system: string;
  /** gRPC status code. */
  readonly status: number;
  /** What the trailers told; undefined where they told nothing. */
  readonly index?: string;
  readonly permit?: string;
}

/** Channel on which Node tells of every stream that a client opens, whichever library does. */
const STREAM_CREATED = 'http2.client.stream.created';
const METHOD = /^\/rangkiang\.[a-z]+\.v1\.[A-Za-z]+\/[A-Za-z]+$/;
const LISTENING = 'listening';

/**
 * Appends a line to the file for each gRPC status that an OPD gets in this process from now on, and one at once that says
 * so. It listens to Node's HTTP/2 and not to one of our clients, so that no way to call is left out, and the code under
 * test knows nothing of it. Returns what ends it.
 */
export function hearAnswers(file: string): () => void {
  const created = (message: unknown) => {
    const { stream, headers } = message as { stream: ClientHttp2Stream; headers: Record<string, unknown> };
    const path = String(headers[':path']);
    const ended = (received: IncomingHttpHeaders) => {
      const status = received['grpc-status'];
      const peer = status === undefined ? undefined : ownIdentity(stream);
      if (peer?.kind !== 'OPD') return;
      const { opd, unit, system } = peer;
      const answer: HeardAnswer = {
        method: METHOD.test(path) ? path : 'unknown',
        ...{ opd, unit, system },
        status: Number(status),
        index: textOf(received['rangkiang-audit-index']),
        permit: textOf(received['rangkiang-permit']),
      };
      // At once, because the process may end in this turn; one short write, because others write to the same file.
      appendFileSync(file, `${JSON.stringify(answer)}\n`);
    };
    // An answer without a message has its status in its only headers.
    stream.on('response', ended);
    stream.on('trailers', ended);
  };
  subscribe(STREAM_CREATED, created);
  appendFileSync(file, `${JSON.stringify(LISTENING)}\n`);
  return () => unsubscribe(STREAM_CREATED, created);
}

/** The answers in the file, and how many processes listened. */
export function heardAnswers(file: string): { answers: HeardAnswer[]; listeners: number } {
  const lines: unknown[] = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  const answers = lines.filter((line) => line !== LISTENING) as HeardAnswer[];
  return { answers, listeners: lines.length - answers.length };
}

function ownIdentity(stream: ClientHttp2Stream) {
  const socket = stream.session?.socket as TLSSocket | undefined;
  const certificate = socket?.getCertificate?.();
  if (!certificate || !('raw' in certificate)) return undefined;
  return peerOfCertificate(certificate.raw);
}

function textOf(header: string | string[] | undefined): string | undefined {
  return header === undefined ? undefined : String(header);
}
