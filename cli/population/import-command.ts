import type { ServiceError } from '@grpc/grpc-js';
import type { ImportRow, ImportRowError } from '../../proto/gen/rangkiang/resident/v1/registry.ts';
import { RegistryServiceService } from '../../proto/gen/rangkiang/resident/v1/registry_service.ts';
import { connectAs } from '../client/caller.ts';
import { CallRefused, refusalOf } from '../client/refusal.ts';
import { defineCommand, jsonOption, wholeNumber } from '../command.ts';
import { CliFailure, exitCode, usageFailure } from '../failure.ts';
import type { Locale, Text } from '../language.ts';
import { readEndpoints } from '../state/endpoints.ts';
import { layoutOf } from '../state/layout.ts';
import { type ImportProgress, importPopulation } from './import.ts';
import { cityImportId, fileImportId } from './import-id.ts';
import { rowsOfFile } from './json-lines.ts';
import { cityOf, cityOptions } from './options.ts';
import { population } from './population.ts';
import { ProgressDisplay } from './progress-display.ts';

/** What is imported: rows, their number, and the id under which the import can be resumed. */
interface Source {
  readonly rows: Iterable<ImportRow> | AsyncIterable<ImportRow>;
  readonly total: number;
  readonly importId: string;
}

type OnRejected = (error: ImportRowError) => void;

const OFFICE = 'DISDUKCAPIL';
const NOT_A_ROW: Text = { id: 'bukan ImportRow dalam ProtoJSON', en: 'is no ImportRow in ProtoJSON' };
const TRY_AGAIN: Text = {
  id: 'Impor terhenti. Ulangi perintah yang sama untuk meneruskannya.',
  en: 'The import stopped. Repeat the same command to go on with it.',
};

async function fileSource(file: string, locale: Locale, onRejected: OnRejected): Promise<Source> {
  try {
    const { importId, lines } = await fileImportId(file);
    const rows = rowsOfFile(file, (line) => onRejected({ line, field: 'json', message: NOT_A_ROW[locale] }));
    return { rows, total: lines, importId };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new CliFailure({ id: `${file} tidak terbaca (${code}).`, en: `${file} cannot be read (${code}).` }, 1, {
      cause,
    });
  }
}

function citySource(options: { seed?: string; residents?: string }): Source {
  const { seed, residents } = cityOf(options);
  return { rows: population(seed, residents), total: residents, importId: cityImportId(seed, residents) };
}

function summaryText({ accepted, skipped }: ImportProgress, rejected: number): Text {
  return {
    id: `${accepted} baris masuk, ${rejected} ditolak, ${skipped} sudah dikirim oleh impor sebelumnya.`,
    en: `${accepted} rows imported, ${rejected} rejected, ${skipped} sent by an earlier run of this import.`,
  };
}

/** Imports a JSON Lines file or a synthetic city as Disdukcapil, through a broker. */
export const populationImportCommand = defineCommand({
  name: ['population', 'import'],
  operands: ['[file.jsonl]'],
  summary: {
    id: 'Impor penduduk sebagai Disdukcapil, dari berkas JSON Lines atau kota tiruan',
    en: 'Import residents as Disdukcapil, from a JSON Lines file or a synthetic city',
  },
  details: {
    id: [
      'Tanpa berkas, kota tiruan menurut --seed dan --residents diimpor. Impor yang terputus diteruskan dengan mengulangi',
      'perintah yang sama. Baris yang ditolak ditulis ke keluaran standar: nomor baris, kolom, sebab, dipisah tab; baris',
      'lain tetap masuk.',
    ].join('\n'),
    en: [
      'Without a file the synthetic city of --seed and --residents is imported. An import that was interrupted goes on when',
      'the same command is repeated. Rejected rows are written to standard output: line, field, fault, separated by tabs;',
      'the others are imported all the same.',
    ].join('\n'),
  },
  options: {
    ...cityOptions,
    broker: { type: 'string', value: 'N', help: { id: 'Broker ke-N (bawaan 1)', en: 'The Nth broker (default 1)' } },
    ...jsonOption,
  },
  async run({ operands: [file], options, locale, stateDir }) {
    if (file !== undefined && (options.seed !== undefined || options.residents !== undefined)) {
      throw usageFailure({
        id: 'Sebutkan berkas atau --seed dan --residents, jangan keduanya.',
        en: 'Name a file, or --seed and --residents, not both.',
      });
    }
    let rejected = 0;
    const onRejected: OnRejected = ({ line, field, message }) => {
      rejected += 1;
      display.clear();
      console.log(options.json ? JSON.stringify({ line: `${line}`, field, message }) : `${line}\t${field}\t${message}`);
    };
    const source = file === undefined ? citySource(options) : await fileSource(file, locale, onRejected);
    const display = new ProgressDisplay({ screen: process.stderr, locale, total: source.total });
    const layout = layoutOf(stateDir);
    const endpoints = await readEndpoints(layout);
    const broker = wholeNumber('broker', options.broker ?? '1', { min: 1, max: 99 });
    const caller = await connectAs(OFFICE, { layout, endpoints, broker, locale });
    try {
      const result = await importPopulation(
        source.rows,
        () => caller.duplex(RegistryServiceService.importResidents, { purpose: 'ADMINISTRASI_KEPENDUDUKAN' }),
        {
          importId: source.importId,
          onProgress: ({ rows, skipped }) => display.update(rows, skipped),
          onRejected,
        },
      );
      display.finish(result.rows, result.skipped);
      if (options.json) console.log(JSON.stringify({ importId: source.importId, ...result, rejected }));
      else console.error(summaryText(result, rejected)[locale]);
    } catch (error) {
      display.clear();
      console.error(TRY_AGAIN[locale]);
      if (!isServiceError(error)) throw error;
      throw new CallRefused(refusalOf(error, endpoints.brokers[broker - 1]?.address ?? '', locale), { cause: error });
    } finally {
      caller.close();
    }
    return rejected === 0 ? exitCode.ok : exitCode.failed;
  },
});

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error;
}
