import { Server, ServerCredentials } from '@grpc/grpc-js';

/** An OTLP collector that keeps the bytes of everything that is exported to it. */
export interface TelemetryTrap {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string;
  /** The bytes of every export so far, by kind. */
  readonly exported: { readonly traces: Buffer[]; readonly metrics: Buffer[] };
  close(): void;
}

const bytes = (value: Buffer): Buffer => value;

/** Listens on a free port of the loopback. */
export async function trapTelemetry(): Promise<TelemetryTrap> {
  const exported = { traces: [] as Buffer[], metrics: [] as Buffer[] };
  const server = new Server();
  const keep = (path: string, into: Buffer[]) =>
    server.register(
      path,
      (call: { request: Buffer }, callback: (error: null, answer: Buffer) => void) => {
        into.push(call.request);
        callback(null, Buffer.alloc(0));
      },
      bytes,
      bytes,
      'unary',
    );
  keep('/opentelemetry.proto.collector.trace.v1.TraceService/Export', exported.traces);
  keep('/opentelemetry.proto.collector.metrics.v1.MetricsService/Export', exported.metrics);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { endpoint: `http://127.0.0.1:${port}`, exported, close: () => server.forceShutdown() };
}
