import { type Attributes, type Counter, type Histogram, metrics, trace } from '@opentelemetry/api';

/** The tracer and the meter of every process bear this name. */
const scope = 'rangkiang';
const metricIntervalMs = 10_000;
const exportTimeoutMs = 3_000; // the last export happens while the process ends, within the 10 s that it has for that

let measuring = false;

/**
 * Exports traces and metrics by OTLP over gRPC when OTEL_EXPORTER_OTLP_ENDPOINT is set (the exporters read it and its
 * siblings themselves); without it nothing is loaded. Returns what flushes and ends it. The resource says only which
 * process this is: the detectors of the SDK would add command lines and user names.
 */
export async function startTelemetry(name: string): Promise<() => Promise<void>> {
  if (!process.env.OTEL_EXPORTER_OTLP_ENDPOINT) return async () => {};
  const [resources, traces, measures, traceOtlp, metricOtlp] = await Promise.all([
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/sdk-metrics'),
    import('@opentelemetry/exporter-trace-otlp-grpc'),
    import('@opentelemetry/exporter-metrics-otlp-grpc'),
  ]);
  const resource = resources.resourceFromAttributes({
    'service.namespace': scope,
    'service.name': name,
    'service.instance.id': String(process.pid),
  });
  const tracers = new traces.TracerProvider({
    resource,
    spanProcessors: [
      new traces.BatchSpanProcessor({ exporter: new traceOtlp.OTLPTraceExporter({ timeoutMillis: exportTimeoutMs }) }),
    ],
  });
  const meters = new measures.MeterProvider({
    resource,
    readers: [
      new measures.PeriodicExportingMetricReader({
        exporter: new metricOtlp.OTLPMetricExporter({ timeoutMillis: exportTimeoutMs }),
        exportIntervalMillis: metricIntervalMs,
        exportTimeoutMillis: exportTimeoutMs,
      }),
    ],
  });
  trace.setGlobalTracerProvider(tracers);
  metrics.setGlobalMeterProvider(meters);
  measuring = true;
  return async () => {
    await Promise.allSettled([tracers.shutdown(), meters.shutdown()]); // a collector that is away is no fault of ours
  };
}

/**
 * A counter that may be declared at the top of a module: it comes to life with telemetry, before that it costs one test of a
 * boolean. Attributes follow the rule for spans: method, opd, unit, purpose, reason, code; never a person's data.
 */
export function counter(name: string, description: string): (value: number, attributes?: Attributes) => void {
  let instrument: Counter | undefined;
  return (value, attributes) => {
    if (!measuring) return;
    instrument ??= metrics.getMeter(scope).createCounter(name, { description });
    instrument.add(value, attributes);
  };
}

/** A distribution of durations in milliseconds; as `counter`. */
export function durationMs(name: string, description: string): (value: number, attributes?: Attributes) => void {
  let instrument: Histogram | undefined;
  return (value, attributes) => {
    if (!measuring) return;
    instrument ??= metrics.getMeter(scope).createHistogram(name, { description, unit: 'ms' });
    instrument.record(value, attributes);
  };
}
