import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { freePort } from '../../cli/embedded/process.ts';
import type { TlsFiles } from '../../mesh/tls.ts';
import type { RuleSet } from '../rules.ts';
import type { PeerQuestion } from './questions.ts';

// Cerbos with the same rules: a resource policy for each OPD, so that it looks at the rules of one OPD only, and in it one
// rule for each row: the action is the method, unit and purpose are its condition. Payload logs, audit and telemetry are
// off, as by default or to its advantage.

/** A Cerbos that runs. */
export interface RunningCerbos {
  /** host:port of gRPC. */
  readonly address: string;
  readonly pid: number;
  close(): Promise<void>;
}

/** Full path of the call that answers questions. */
export const checkResourcesPath = '/cerbos.svc.v1.CerbosService/CheckResources';

function policyOf({ rules }: RuleSet, opd: string): string {
  return JSON.stringify({
    apiVersion: 'api.cerbos.dev/v1',
    resourcePolicy: {
      version: 'default',
      resource: opd,
      rules: rules
        .filter((rule) => rule.opd === opd)
        .map(({ unit, method, purpose }) => ({
          actions: [method],
          effect: 'EFFECT_ALLOW',
          roles: ['system'],
          condition: { match: { expr: `R.attr.unit == "${unit}" && R.attr.purpose == "${purpose}"` } },
        })),
    },
  });
}

/** Starts Cerbos on the rules, with mTLS by the files. `dir` is where its policies and configuration are written. */
export async function startCerbos(program: string, dir: string, set: RuleSet, tls: TlsFiles): Promise<RunningCerbos> {
  const policies = join(dir, 'policies');
  await mkdir(policies, { recursive: true });
  for (const opd of set.opds) await writeFile(join(policies, `${opd.toLowerCase()}.json`), policyOf(set, opd));
  const [grpc, http] = [await freePort(), await freePort()];
  const config = join(dir, 'cerbos.json');
  await writeFile(
    config,
    JSON.stringify({
      server: {
        grpcListenAddr: `127.0.0.1:${grpc}`,
        httpListenAddr: `127.0.0.1:${http}`,
        tls: { cert: tls.cert, key: tls.key, caCert: tls.ca },
      },
      storage: { driver: 'disk', disk: { directory: policies, watchForChanges: false } },
      audit: { enabled: false },
      telemetry: { disabled: true },
    }),
  );
  const child = spawn(program, ['server', `--config=${config}`, '--log-level=error', '--debug-listen-addr='], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ended = once(child, 'exit');
  const close = async () => {
    child.kill();
    await ended;
  };
  while (!(await listens(grpc))) {
    if (child.exitCode !== null) throw new Error(`Cerbos ended with code ${child.exitCode}`);
    await delay(50);
  }
  return { address: `127.0.0.1:${grpc}`, pid: child.pid ?? 0, close };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

// Of a message's field its number and that it has a length, as protobuf writes both.
const tag = (field: number): number => (field << 3) | 2;
const EFFECT_ALLOW = 1;

/** Adds an entry to a map from names to google.protobuf.Value, a string. */
function attribute(writer: BinaryWriter, field: number, name: string, value: string): void {
  const text = new BinaryWriter().uint32(tag(3)).string(value).finish();
  const entry = new BinaryWriter().uint32(tag(1)).string(name).uint32(tag(2)).bytes(text).finish();
  writer.uint32(tag(field)).bytes(entry);
}

/** Bytes of a cerbos.request.v1.CheckResourcesRequest: one resource for each question. */
export function checkResourcesRequest(questions: readonly PeerQuestion[]): Buffer {
  const principal = new BinaryWriter().uint32(tag(1)).string('simpus').uint32(tag(3)).string('system').finish();
  const request = new BinaryWriter().uint32(tag(3)).bytes(principal);
  for (const [index, { opd, unit, method, purpose }] of questions.entries()) {
    const resource = new BinaryWriter().uint32(tag(1)).string(opd).uint32(tag(3)).string(String(index));
    attribute(resource, 4, 'unit', unit);
    attribute(resource, 4, 'purpose', purpose);
    const entry = new BinaryWriter().uint32(tag(1)).string(method).uint32(tag(2)).bytes(resource.finish()).finish();
    request.uint32(tag(4)).bytes(entry);
  }
  return Buffer.from(request.finish());
}

/** Whether each question was allowed, out of the bytes of a cerbos.response.v1.CheckResourcesResponse. */
export function checkResourcesVerdicts(response: Uint8Array): boolean[] {
  const results = fieldsOf(response).filter(({ field }) => field === 2);
  return results.map(({ bytes }) => {
    const actions = fieldsOf(bytes).filter(({ field }) => field === 2);
    return actions.every((action) =>
      fieldsOf(action.bytes).some(({ field, value }) => field === 2 && value === EFFECT_ALLOW),
    );
  });
}

/** The fields of a message that has varints and fields with a length only. */
function fieldsOf(message: Uint8Array): { field: number; bytes: Uint8Array; value: number }[] {
  const reader = new BinaryReader(message);
  const fields: { field: number; bytes: Uint8Array; value: number }[] = [];
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    const hasLength = type === WireType.LengthDelimited;
    fields.push({
      field,
      bytes: hasLength ? reader.bytes() : new Uint8Array(),
      value: hasLength ? 0 : reader.uint32(),
    });
  }
  return fields;
}
