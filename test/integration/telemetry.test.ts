import assert from 'node:assert/strict';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { startChild } from '../support/child.ts';

const asIs = (bytes: Buffer) => bytes;

/** One unary method of an OTLP collector, its messages left as bytes. */
function exportMethod(path: string) {
  return {
    path,
    requestStream: false as const,
    responseStream: false as const,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
}

describe('telemetry', () => {
  let collector: Server;
  let endpoint: string;
  let received: { traces: Buffer[]; metrics: Buffer[] };

  beforeEach(async () => {
    received = { traces: [], metrics: [] };
    collector = new Server();
    for (const kind of ['traces', 'metrics'] as const) {
      const name = kind === 'traces' ? 'trace.v1.TraceService' : 'metrics.v1.MetricsService';
      collector.addService(
        { Export: exportMethod(`/opentelemetry.proto.collector.${name}/Export`) },
        {
          Export(call: { request: Buffer }, done: (error: null, answer: Buffer) => void) {
            received[kind].push(call.request);
            done(null, Buffer.alloc(0));
          },
        },
      );
    }
    const port = await new Promise<number>((resolve, reject) =>
      collector.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    endpoint = `http://127.0.0.1:${port}`;
  });
  afterEach(() => collector.forceShutdown());

  const measure = (env: Record<string, string>) =>
    startChild(new URL('../support/small-process.ts', import.meta.url), ['measure'], env).exit;

  it('exports spans and metrics by OTLP, all of them before the process ends', async () => {
    assert.equal(await measure({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }), 0);
    const traces = Buffer.concat(received.traces).toString('latin1');
    const metrics = Buffer.concat(received.metrics).toString('latin1');
    for (const word of ['service.name', 'small', 'ask', 'opd', 'DKK', '\xaa'.repeat(16)])
      assert(traces.includes(word), word);
    for (const word of ['small', 'rangkiang.test.calls', 'rangkiang.test.duration', '/rangkiang.test/Ask']) {
      assert(metrics.includes(word), word);
    }
  });

  it('says nothing of the machine, its user or the command line', async () => {
    await measure({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
    const all = Buffer.concat([...received.traces, ...received.metrics]).toString('latin1');
    assert.doesNotMatch(all, /host\.name|process\.|small-process/);
  });

  it('is silent without an endpoint', async () => {
    assert.equal(await measure({}), 0);
    assert.deepEqual(received, { traces: [], metrics: [] });
  });

  it('keeps no process from ending when the collector is away', async () => {
    collector.forceShutdown();
    assert.equal(await measure({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }), 0);
  });
});
