import { type handleUnaryCall, Server, ServerCredentials } from '@grpc/grpc-js';

/** A collector that takes traces and metrics over OTLP and throws them away, so that sending them is in the figures. */
export interface OtlpSink {
  readonly url: string;
  /** Bytes of traces that have come in. */
  traceBytes(): number;
  close(): void;
}

const services = {
  trace: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
};

/** Starts one on a free port of 127.0.0.1. */
export async function startOtlpSink(): Promise<OtlpSink> {
  const received = { trace: 0, metrics: 0 };
  const server = new Server({ 'grpc.max_receive_message_length': -1 });
  const same = (bytes: Buffer): Buffer => bytes;
  for (const kind of ['trace', 'metrics'] as const) {
    const take: handleUnaryCall<Buffer, Buffer> = ({ request }, callback) => {
      received[kind] += request.length;
      callback(null, Buffer.alloc(0));
    };
    server.register(services[kind], take, same, same, 'unary');
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    url: `http://127.0.0.1:${port}`,
    traceBytes: () => received.trace,
    close: () => server.forceShutdown(),
  };
}
