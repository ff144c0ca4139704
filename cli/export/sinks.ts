import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Record as LogRecord } from '../../proto/gen/rangkiang/audit/v1/audit.ts';
import type { Leaf } from '../../proto/gen/rangkiang/audit/v1/leaf.ts';
import { CliFailure } from '../failure.ts';
import type { Text } from '../language.ts';
import { ocsfLine } from './ocsf.ts';
import { type OtlpRecord, otlpRecord } from './otlp.ts';

/** A record that can be told. */
export type ToldRecord = LogRecord & { leaf: Leaf };

/** Where records go. */
export interface Sink {
  /** Resolves once they are there for good: on disk, taken by the reader, acknowledged by the collector. */
  write(records: readonly ToldRecord[]): Promise<void>;
  close(): Promise<void>;
}

const LOOK_BACK_BYTES = 64 * 1024;

/** Cuts off what a crash left of a line, so that every line is whole. */
async function dropTornLine(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - LOOK_BACK_BYTES);
    const { buffer } = await file.read(Buffer.alloc(end - start), 0, end - start, start);
    const newline = buffer.lastIndexOf(0x0a);
    if (newline >= 0) return file.truncate(start + newline + 1);
    end = start;
  }
  return file.truncate(0);
}

/** OCSF as JSON lines, appended to a file and flushed to disk. */
export async function fileSink(path: string): Promise<Sink> {
  const file = await open(path, 'a+');
  if ((await file.stat()).isFile()) await dropTornLine(file);
  return {
    async write(records) {
      await file.appendFile(records.map(ocsfLine).join(''));
      await file.sync();
    },
    close: () => file.close(),
  };
}

/** OCSF as JSON lines on standard output. There it is for good when the pipe has taken it. */
export function outputSink(output: NodeJS.WritableStream = process.stdout): Sink {
  return {
    write: (records) =>
      new Promise((resolve, reject) => {
        output.write(records.map(ocsfLine).join(''), (error) => (error ? reject(error) : resolve()));
      }),
    close: async () => {},
  };
}

const EXPORT_TIMEOUT_MS = 10_000;
const RETRY_MS = 1_000;

const notTaken: Text = {
  id: 'Kolektor tidak menerima catatan; dicoba lagi.',
  en: 'The collector did not take the records; trying again.',
};

/** OTLP logs over gRPC. What the collector does not acknowledge is sent again until the signal is aborted; then `write` rejects. */
export async function otlpSink(endpoint: string, signal: AbortSignal, say: (text: Text) => void): Promise<Sink> {
  const { OTLPLogExporter } = await import('@opentelemetry/exporter-logs-otlp-grpc');
  const exporter = new OTLPLogExporter({ url: endpoint, timeoutMillis: EXPORT_TIMEOUT_MS });
  const attempt = (records: OtlpRecord[]) =>
    new Promise<boolean>((resolve) => exporter.export(records, ({ code }) => resolve(code === 0)));
  return {
    async write(records) {
      const told = records.map(otlpRecord);
      while (!(await attempt(told))) {
        if (signal.aborted) throw new CliFailure(notTaken);
        say(notTaken);
        await delay(RETRY_MS, undefined, { signal }).catch(() => {});
      }
    },
    close: () => exporter.shutdown(),
  };
}
