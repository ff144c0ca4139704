import type { Head } from '../../mesh/tlog/checkpoint.ts';
import type { Text } from '../language.ts';
import type { Beside } from './verify-beside.ts';
import type { LogFault, LogFaultCode } from './verify-log.ts';

const next: Text = {
  id: 'Jangan mulai ulang apa pun: simpan salinan basis data audit dan hubungi Inspektorat.',
  en: 'Restart nothing: keep a copy of the audit database and tell the Inspektorat.',
};

const words: Readonly<Record<LogFaultCode, (index: string, column: string, last: string) => Text>> = {
  ENTRY: (index) => ({
    id: `catatan ${index} hilang atau bukan yang dicatat.`,
    en: `record ${index} is missing or is not the one that was recorded.`,
  }),
  TILE: (index) => ({
    id: `petak hash mulai catatan ${index} bukan milik catatan di bawahnya.`,
    en: `the tile of hashes from record ${index} on is not that of the records below it.`,
  }),
  ROOT: () => ({
    id: 'catatan-catatan ini bukan yang ditandatangani kepala log.',
    en: 'these records are not those of the signed head.',
  }),
  SINCE: () => ({
    id: 'log tidak melanjutkan checkpoint lama itu: isinya sebelum itu diubah atau dipotong.',
    en: 'the log does not go on from that older checkpoint: what came before it was changed or cut.',
  }),
  REWRITTEN: (index, _column, last) => ({
    id: `catatan ${index === last ? index : `antara ${index} dan ${last}`} ditulis ulang bersama hash-nya: sampai di situ log masih milik kepala yang ditandatangani, sesudahnya tidak.`,
    en: `record ${index === last ? index : `between ${index} and ${last}`} was rewritten together with its hashes: up to there the log still is that of a signed head, behind it no more.`,
  }),
  COLUMN: (index, column) => ({
    id: `salinan "${column}" di samping catatan ${index} bukan isi catatan itu; pencarian memakai salinan itu.`,
    en: `the copy "${column}" beside record ${index} is not what the record says; searches use that copy.`,
  }),
  SEALED: (index) => ({
    id: `bagian tersegel di samping catatan ${index}, atau kuncinya, diubah.`,
    en: `a sealed part beside record ${index}, or its key, was changed.`,
  }),
  SEALED_MISSING: (index) => ({
    id: `bagian tersegel di samping catatan ${index} hilang, padahal tidak ada penghapusan sesudahnya dan waktunya belum lewat.`,
    en: `a sealed part beside record ${index} is missing, although nobody was erased since and its time is not over.`,
  }),
  CHECKPOINT: (index) => ({
    id: `checkpoint yang disimpan (${index} catatan) bukan milik log ini atau tidak ditandatangani.`,
    en: `the checkpoint that is kept (${index} records) is not this log's, or was not signed.`,
  }),
};

/** What is wrong with the log, in words. */
export function faultText({ code, index, column, below }: LogFault): Text {
  const what = words[code](String(index), column, String((below ?? 0n) - 1n));
  return { id: `Log TIDAK konsisten: ${what.id} ${next.id}`, en: `The log is NOT consistent: ${what.en} ${next.en}` };
}

/** The same for programs. */
export function faultFacts({ code, index, column, below }: LogFault): Readonly<Record<string, string | undefined>> {
  return { fault: code, index: index?.toString(), column: column || undefined, below: below?.toString() };
}

/** What was checked and found good. */
export interface VerifyReport {
  readonly head: Head;
  readonly signer: string;
  readonly witness: string;
  readonly since: Head | undefined;
  /** Entries that are gone as the log itself says. */
  readonly pruned: bigint;
  readonly beside: Beside | undefined;
}

/** The report as lines "name  value", or as one line of JSON. */
export function reportText({ head, signer, witness, since, pruned, beside }: VerifyReport, isJson: boolean): string {
  const facts = {
    size: head.size.toString(),
    root: head.root.toString('base64'),
    signer,
    witness,
    since: since?.size.toString(),
    pruned: pruned > 0n ? pruned.toString() : undefined,
    columns: beside?.records.toString() ?? 'not checked, nor what is sealed: only the running mesh can',
    sealed: beside && `${beside.opened} opened; ${beside.gone} records have something erased or past its time`,
  };
  if (isJson) {
    const [columns, opened, gone] = [beside?.records, beside?.opened, beside?.gone].map((count) => count?.toString());
    return JSON.stringify({ ...facts, columns, sealed: beside && { opened, gone }, consistent: true });
  }
  const told = Object.entries(facts).filter(([, value]) => value !== undefined);
  return [...told.map(([name, value]) => `${name.padEnd(9)}${value}`), 'consistent'].join('\n');
}
