import { readFile } from 'node:fs/promises';
import { verifierOf } from '../../mesh/tlog/note.ts';
import { followRecords, untilStopped } from '../audit/follow.ts';
import { forkedFailure, HeadWatch, LogForked } from '../audit/head-watch.ts';
import { httpsLog } from '../audit/log-source.ts';
import { filterOf, filterOptions } from '../audit/record-filter.ts';
import { recordJson, recordLine } from '../audit/record-line.ts';
import { defineCommand, jsonOption } from '../command.ts';
import { exitCode, usageFailure } from '../failure.ts';
import type { Locale } from '../language.ts';
import { readEndpoints } from '../state/endpoints.ts';
import { layoutOf } from '../state/layout.ts';

/** Follows the audit log as the security team, through whichever broker answers. */
export const auditWatchCommand = defineCommand({
  name: ['audit', 'watch'],
  operands: [],
  summary: { id: 'Ikuti catatan audit sebagai SECURITY', en: 'Follow the audit log as SECURITY' },
  details: {
    id: 'Berhenti dengan Ctrl-C. Bila broker atau layanan audit hilang, dilanjutkan dari catatan terakhir begitu kembali. Setiap 5 detik kepala log diperiksa: tanda tangan, saksi, dan bahwa log melanjutkan yang sebelumnya; bila tidak, perintah berakhir dengan kode 1.',
    en: 'Stop with Ctrl-C. When a broker or the audit service goes away, it goes on after the last record once it is back. Every 5 s the head of the log is checked: signature, witness, and that the log goes on from before; if not, the command ends with code 1.',
  },
  options: {
    from: {
      type: 'string',
      value: 'N',
      help: { id: 'Mulai dari indeks N (bawaan: dari sekarang)', en: 'From index N on (default: from now)' },
    },
    ...filterOptions,
    ...jsonOption,
  },
  async run({ options, locale, stateDir }) {
    const signal = untilStopped();
    const print = options.json ? recordJson : (record: Parameters<typeof recordLine>[0]) => recordLine(record, locale);
    const filter = filterOf(options);
    const from = options.from === undefined ? undefined : recordIndex(options.from);
    const { source, heads } = await openHeads(stateDir);
    const say = sayFirst(heads, locale);
    const onBreak = () => heads.look();
    try {
      const followed = { stateDir, locale, from, filter, signal, onBreak };
      for await (const { records, checkpoint } of followRecords(followed)) {
        for (const record of records) console.log(print(record));
        if (checkpoint.length > 0) await heads.look(checkpoint.toString());
        say();
      }
    } catch (error) {
      throw error instanceof LogForked ? forkedFailure(error) : error;
    } finally {
      source.close();
    }
    return exitCode.ok;
  },
});

async function openHeads(stateDir: string) {
  const layout = layoutOf(stateDir);
  const reader = layout.client('SECURITY');
  const { tiles } = await readEndpoints(layout);
  const source = httpsLog(tiles, { ca: layout.ca, cert: `${reader}.crt`, key: `${reader}.key` });
  const [log, witness] = await Promise.all([readFile(layout.logKey, 'utf8'), readFile(layout.witnessKey, 'utf8')]);
  return { source, heads: new HeadWatch(source, verifierOf(log), verifierOf(witness)) };
}

/** Says once, beside the records, that the head is being checked. */
function sayFirst(heads: HeadWatch, locale: Locale): () => void {
  let isSaid = false;
  return () => {
    if (isSaid || !heads.known) return;
    isSaid = true;
    const { size } = heads.known;
    const text = {
      id: `Kepala log diperiksa: ${size} catatan, ditandatangani dan disaksikan.`,
      en: `The head of the log is checked: ${size} records, signed and witnessed.`,
    };
    console.error(text[locale]);
  };
}

function recordIndex(text: string): bigint {
  if (/^\d{1,18}$/.test(text)) return BigInt(text);
  throw usageFailure({
    id: '--from harus indeks catatan: 0, 1, 2 ...',
    en: '--from must be the index of a record: 0, 1, 2 ...',
  });
}
