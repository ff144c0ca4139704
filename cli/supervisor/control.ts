import { rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { CliFailure } from '../failure.ts';
import type { Text } from '../language.ts';
import type { Layout } from '../state/layout.ts';

/** What a running `up` is asked, one JSON line each way. */
export interface ControlRequest {
  command: 'stop' | 'start';
  /** Name of the process. */
  process: string;
}

/** The answer: done, or why not. */
export type ControlAnswer = { ok: true; pid: number } | { ok: false; failure: Text };

/** Whoever connects and asks nothing must not keep the mesh from stopping. */
const silenceMs = 2_000;

/** Answers one request; a thrown CliFailure becomes its answer. */
export type ControlHandler = (request: ControlRequest) => Promise<{ pid: number }>;

/**
 * Takes a state directory for this process, and listens for `stop` and `start`. Throws a failure when a running `up`
 * has it. The socket lies in the directory, so that whoever may write there may control the mesh.
 */
export async function takeControl(layout: Layout, handle: ControlHandler): Promise<{ close(): Promise<void> }> {
  if (await isAnswered(layout.controlSocket)) {
    throw new CliFailure({
      id: `Mesh di ${layout.dir} sudah berjalan. Hentikan dulu dengan Ctrl-C di terminalnya, atau pakai direktori lain dengan --state.`,
      en: `A mesh is already running in ${layout.dir}. Stop it with Ctrl-C in its terminal, or use another directory with --state.`,
    });
  }
  await rm(layout.controlSocket, { force: true });
  const server = createServer((socket) => converse(socket, handle));
  await listening(server, layout.controlSocket);
  return {
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Asks the running `up` of a state directory. Throws its failure, or one that says that none runs. */
export async function askControl(layout: Layout, request: ControlRequest): Promise<{ pid: number }> {
  const socket = connect(layout.controlSocket);
  try {
    const answer = await exchange(socket, request);
    if (answer.ok) return { pid: answer.pid };
    throw new CliFailure(answer.failure);
  } finally {
    socket.destroy();
  }
}

async function exchange(socket: Socket, request: ControlRequest): Promise<ControlAnswer> {
  socket.write(`${JSON.stringify(request)}\n`);
  try {
    for await (const line of createInterface(socket)) return JSON.parse(line) as ControlAnswer;
  } catch {
    // Said below.
  }
  throw new CliFailure({
    id: 'Tidak ada mesh yang berjalan di direktori keadaan ini. Jalankan "npm start", atau sebut direktori lain dengan --state.',
    en: 'No mesh is running in this state directory. Run "npm start", or name another directory with --state.',
  });
}

function converse(socket: Socket, handle: ControlHandler): void {
  socket.on('error', () => socket.destroy()); // whoever asked has gone away
  socket.setTimeout(silenceMs, () => socket.destroy());
  createInterface(socket).once('line', async (line) => {
    socket.setTimeout(0);
    socket.end(`${JSON.stringify(await answerTo(line, handle))}\n`);
  });
}

async function answerTo(line: string, handle: ControlHandler): Promise<ControlAnswer> {
  try {
    return { ok: true, ...(await handle(JSON.parse(line) as ControlRequest)) };
  } catch (error) {
    if (error instanceof CliFailure) return { ok: false, failure: error.text };
    const message = (error as Error).message;
    return { ok: false, failure: { id: message, en: message } };
  }
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve());
  });
}

/** Whether a living process listens on the socket; a killed one leaves only the file. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
