import { followRecords, untilStopped } from '../audit/follow.ts';
import { filterOf, filterOptions } from '../audit/record-filter.ts';
import { defineCommand, oneOf } from '../command.ts';
import { Cursor } from '../export/cursor.ts';
import { exportRecords } from '../export/export-records.ts';
import { fileSink, otlpSink, outputSink, type Sink } from '../export/sinks.ts';
import { exitCode, usageFailure } from '../failure.ts';

const formats = ['ocsf', 'otlp'] as const;

/** Carries the evidence log into a SIEM, and goes on where it ended. */
export const auditExportCommand = defineCommand({
  name: ['audit', 'export'],
  operands: [],
  summary: { id: 'Alirkan catatan audit ke SIEM', en: 'Stream audit records into a SIEM' },
  details: {
    id: 'Berjalan terus sampai dihentikan. Kursor maju setelah catatan tersimpan, maka tiap catatan sampai paling sedikit sekali. Lihat docs/siem-guide.md.',
    en: 'Runs until it is stopped. The cursor moves once records are kept, so each arrives at least once. See docs/siem-guide.md.',
  },
  options: {
    format: {
      type: 'string',
      value: 'F',
      help: { id: 'ocsf (baris JSON, bawaan) atau otlp', en: 'ocsf (JSON lines, the default) or otlp' },
    },
    cursor: {
      type: 'string',
      value: 'FILE',
      help: { id: 'Tempat posisi disimpan (wajib)', en: 'Where the position is kept (required)' },
    },
    out: {
      type: 'string',
      value: 'FILE',
      help: {
        id: 'ocsf: berkas tujuan, atau - untuk keluaran (bawaan)',
        en: 'ocsf: the file, or - for the output (default)',
      },
    },
    endpoint: {
      type: 'string',
      value: 'URL',
      help: { id: 'otlp: alamat gRPC kolektor', en: "otlp: the collector's gRPC address" },
    },
    ...filterOptions,
  },
  async run({ options, locale, stateDir }) {
    const signal = untilStopped();
    const { cursor: cursorFile, endpoint, out = '-' } = options;
    const openSink: Record<(typeof formats)[number], () => Promise<Sink>> = {
      ocsf: async () => (out === '-' ? outputSink() : fileSink(out)),
      otlp: () => otlpSink(required('endpoint', endpoint), signal, (text) => console.error(text[locale])),
    };
    const cursor = new Cursor(required('cursor', cursorFile));
    const from = (await cursor.read()) ?? 0n;
    const sink = await openSink[oneOf('format', options.format ?? 'ocsf', formats)]();
    try {
      await exportRecords(followRecords({ stateDir, locale, from, filter: filterOf(options), signal }), sink, cursor);
      return exitCode.ok;
    } finally {
      await sink.close();
    }
  },
});

function required(option: string, value: string | undefined): string {
  if (value !== undefined) return value;
  throw usageFailure({ id: `Sebutkan --${option}. Lihat --help.`, en: `Give --${option}. See --help.` });
}
