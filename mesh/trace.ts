import { type Attributes, context, type Span, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import { quickRandomBytes } from './random.ts';

/** A fresh W3C traceparent, sampled with the given probability. */
export function newTraceparent(sampleRatio: number): string {
  const sampled = sampleRatio > 0 && Math.random() < sampleRatio;
  return `00-${quickRandomBytes(16).toString('hex')}-${quickRandomBytes(8).toString('hex')}-${sampled ? '01' : '00'}`;
}

/** The 16 bytes of the trace id; random ones when the header is not a traceparent. */
export function traceIdOf(traceparent: string): Buffer {
  return traceparent.length === 55 ? Buffer.from(traceparent.slice(3, 35), 'hex') : quickRandomBytes(16);
}

const tracer = trace.getTracer('rangkiang');

/** A span under way, or nothing when the trace is not sampled. */
export interface Step {
  /** To hand to the next process. */
  readonly traceparent: string;
  /** Ends the span; `reason` marks it as failed. */
  end(attributes: Attributes, reason?: string): void;
}

const PARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Starts a span below `traceparent`. Attributes: method, opd, unit, purpose, reason, code, call id; nothing else. */
export function startStep(name: string, kind: 'SERVER' | 'CLIENT' | 'INTERNAL', traceparent: string): Step {
  const parent = traceparent.endsWith('-01') ? PARENT.exec(traceparent) : null;
  if (!parent) return { traceparent, end: () => {} };
  const [, traceId = '', spanId = ''] = parent;
  const span: Span = tracer.startSpan(
    name,
    { kind: SpanKind[kind] },
    trace.setSpanContext(context.active(), { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true }),
  );
  const own = span.spanContext();
  return {
    traceparent: `00-${own.traceId}-${own.spanId}-01`,
    end: (attributes, reason) => {
      span.setAttributes(attributes);
      if (reason) span.setStatus({ code: SpanStatusCode.ERROR, message: reason });
      span.end();
    },
  };
}
