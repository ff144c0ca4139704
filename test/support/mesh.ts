import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Answered, type CallSettings, connectAs } from '../../cli/client/caller.ts';
import { findMethod } from '../../cli/client/find-method.ts';
import { callJson } from '../../cli/client/json-call.ts';
import { prepareMesh } from '../../cli/first-run/prepare.ts';
import { messageFromJson } from '../../cli/read-input.ts';
import type { Demo } from '../../cli/state/demo.ts';
import type { Endpoints } from '../../cli/state/endpoints.ts';
import type { Layout } from '../../cli/state/layout.ts';
import { askControl } from '../../cli/supervisor/control.ts';
import { startMeshProcesses } from '../../cli/supervisor/mesh.ts';
import { randomPorts } from '../../cli/supervisor/ports.ts';
import { commandLineIn, type Outcome } from './command-line.ts';
import { TestAnswers } from './test-answers.ts';

/** A whole mesh of real processes on free ports, in a temporary state directory, as `rangkiang up` starts it. */
export interface TestMesh {
  readonly stateDir: string;
  readonly layout: Layout;
  readonly demo: Demo;
  /** As in endpoints.json, now. */
  endpoints(): Endpoints;
  /**
   * Calls a unary method as a caller of clients/, its request and answer as ProtoJSON values. Throws CallRefused, with
   * Indonesian texts. `broker` is 1 or 2.
   */
  call(
    caller: string,
    method: string,
    request: unknown,
    settings?: CallSettings & { broker?: number },
  ): Promise<Answered<Record<string, unknown>>>;
  /** Runs the command line as a process of its own, e.g. `cli('audit', 'find')`; does not throw on an exit code. */
  cli(...words: string[]): Promise<Outcome>;
  /** Stops or starts one process, as `rangkiang stop|start` does. */
  order(command: 'stop' | 'start', process: string): Promise<void>;
  /** The environment for one more program of Node that calls the mesh by itself, so that its answers are heard, too. */
  clientEnv(): NodeJS.ProcessEnv;
  /**
   * Stops everything and removes the state. Throws when an answer that a client got, in this process or another, is not
   * in the log as it was given.
   */
  stop(): Promise<void>;
}

/** Starts a mesh, by default with 500 residents, and takes the demonstration permits through the real flow. */
export async function startMesh(options: { residents?: number; env?: NodeJS.ProcessEnv } = {}): Promise<TestMesh> {
  const stateDir = await mkdtemp(join(tmpdir(), 'rangkiang-mesh-'));
  const { signal } = new AbortController();
  const quiet = () => {};
  const mesh = await startMeshProcesses({
    stateDir,
    ports: await randomPorts(),
    fresh: false,
    env: options.env ?? {},
    say: quiet,
    signal,
  });
  // The first permits are asked for by clients, too.
  const answers = new TestAnswers(stateDir);
  const stop = async () => {
    answers.stop();
    await mesh.stop();
    await rm(stateDir, { recursive: true });
  };
  try {
    const demo = await prepareMesh(mesh, { residents: options.residents ?? 500, onImport: quiet, signal });
    return {
      stateDir,
      layout: mesh.layout,
      demo,
      endpoints: mesh.endpoints,
      call: (caller, method, request, settings = {}) => callOnce(mesh, caller, method, request, settings),
      cli: (...words) => commandLineIn(answers.clientEnv(), ...words, '--state', stateDir),
      order: async (command, process) => {
        await askControl(mesh.layout, { command, process });
      },
      clientEnv: () => answers.clientEnv(),
      stop: async () => {
        try {
          await answers.assertRecorded(mesh.endpoints().postgres);
        } finally {
          await stop();
        }
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function callOnce(
  mesh: { layout: Layout; endpoints(): Endpoints },
  name: string,
  method: string,
  request: unknown,
  { broker, ...settings }: CallSettings & { broker?: number },
): Promise<Answered<Record<string, unknown>>> {
  const caller = await connectAs(name, { layout: mesh.layout, endpoints: mesh.endpoints(), broker, locale: 'id' });
  try {
    const found = findMethod(method);
    const bytes = messageFromJson(found.requestType, JSON.stringify(request));
    const answered = await callJson(caller, found, bytes, settings);
    return { ...answered, message: JSON.parse(answered.message) };
  } finally {
    caller.close();
  }
}
