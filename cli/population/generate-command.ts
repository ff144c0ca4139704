import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { defineCommand } from '../command.ts';
import { CliFailure, exitCode } from '../failure.ts';
import { jsonLineOf } from './json-lines.ts';
import { cityOf, cityOptions } from './options.ts';
import { population } from './population.ts';
import { ProgressDisplay } from './progress-display.ts';

/** Rows written at a time: one write costs more than one row. */
const ROWS_PER_WRITE = 500;

function* blocks(seed: number, residents: number, onRows: (rows: number) => void): Generator<string> {
  let block = '';
  let rows = 0;
  for (const row of population(seed, residents)) {
    block += jsonLineOf(row);
    rows += 1;
    if (rows % ROWS_PER_WRITE === 0) {
      yield block;
      block = '';
      onRows(rows);
    }
  }
  if (block) yield block;
}

/** Writes a synthetic city as JSON Lines. */
export const populationGenerateCommand = defineCommand({
  name: ['population', 'generate'],
  operands: [],
  summary: {
    id: 'Tulis penduduk Padang tiruan sebagai JSON Lines',
    en: 'Write a synthetic Padang as JSON Lines',
  },
  details: {
    id: [
      'Tiap baris adalah satu ImportRow (ProtoJSON) yang dapat dibaca "population import". Semua orangnya rekaan, dan',
      'NIK-nya hanya memakai nomor urut 9000-9999.',
    ].join('\n'),
    en: [
      'Each line is one ImportRow (ProtoJSON) that "population import" reads. Every person is invented, and the NIK use',
      'the sequence numbers 9000-9999 only.',
    ].join('\n'),
  },
  options: {
    ...cityOptions,
    out: {
      type: 'string',
      value: 'FILE',
      help: { id: 'Berkas tujuan (bawaan: keluaran standar)', en: 'File to write (default: standard output)' },
    },
  },
  async run({ options, locale }) {
    const { seed, residents } = cityOf(options);
    const { out } = options;
    if (out === undefined) {
      await pipeline(Readable.from(blocks(seed, residents, () => {})), process.stdout, { end: false });
      return exitCode.ok;
    }
    const display = new ProgressDisplay({ screen: process.stderr, locale, total: residents });
    try {
      await pipeline(Readable.from(blocks(seed, residents, (rows) => display.update(rows))), createWriteStream(out));
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      throw new CliFailure(
        { id: `${out} tidak dapat ditulis (${code}).`, en: `${out} cannot be written (${code}).` },
        1,
        {
          cause,
        },
      );
    }
    display.finish(residents);
    return exitCode.ok;
  },
});
