import { Server, ServerCredentials, status } from '@grpc/grpc-js';

/** An OTLP collector that keeps the bytes of everything that is exported to it. */
export interface TelemetryTrap {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string;
  /** The bytes of every export so far, by kind. */
  readonly exported: { readonly traces: Buffer[]; readonly metrics: Buffer[]; readonly logs: Buffer[] };
  close(): void;
}

const bytes = (value: Buffer): Buffer => value;

/** Listens on a free port of the loopback. It refuses the first `refusals` exports. */
export async function trapTelemetry(refusals = 0): Promise<TelemetryTrap> {
  let refused = 0;
  const exported = { traces: [] as Buffer[], metrics: [] as Buffer[], logs: [] as Buffer[] };
  const server = new Server();
  const keep = (path: string, into: Buffer[]) =>
    server.register(
      path,
      (call: { request: Buffer }, callback: (error: { code: number } | null, answer?: Buffer) => void) => {
        if (refused < refusals) {
          refused += 1;
          callback({ code: status.INVALID_ARGUMENT });
          return;
        }
        into.push(call.request);
        callback(null, Buffer.alloc(0));
      },
      bytes,
      bytes,
      'unary',
    );
  keep('/opentelemetry.proto.collector.trace.v1.TraceService/Export', exported.traces);
  keep('/opentelemetry.proto.collector.metrics.v1.MetricsService/Export', exported.metrics);
  keep('/opentelemetry.proto.collector.logs.v1.LogsService/Export', exported.logs);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { endpoint: `http://127.0.0.1:${port}`, exported, close: () => server.forceShutdown() };
}
