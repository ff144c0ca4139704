import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { otlpSink } from '../../cli/export/sinks.ts';
import { trapTelemetry } from '../support/telemetry-trap.ts';
import { toldRecords } from '../unit/cli/export/told-records.ts';

describe('export to an OTLP collector', () => {
  it('says that records are there when the collector has acknowledged them, trying again until then', async () => {
    const trap = await trapTelemetry(1);
    const told: string[] = [];
    const sink = await otlpSink(trap.endpoint, new AbortController().signal, ({ en }) => told.push(en));
    try {
      await sink.write(toldRecords);
      assert.deepEqual([trap.exported.logs.length, told.length], [1, 1]);
      const bytes = trap.exported.logs[0]?.toString('latin1') ?? '';
      for (const text of ['rangkiang.audit.disclosed', 'metadata.sequence', 'NIK_SEQUENCE', 'unmapped.caused_by']) {
        assert.ok(bytes.includes(text), text);
      }
    } finally {
      await sink.close();
      trap.close();
    }
  });

  it('gives up what nobody acknowledges only when it is told to stop', async () => {
    const trap = await trapTelemetry(1_000);
    const stop = new AbortController();
    const sink = await otlpSink(trap.endpoint, stop.signal, () => stop.abort());
    try {
      await assert.rejects(sink.write(toldRecords), /did not take/);
      assert.equal(trap.exported.logs.length, 0);
    } finally {
      await sink.close();
      trap.close();
    }
  });
});
