import type { Text } from '../language.ts';
import type { LogFault, LogFaultCode } from './verify-log.ts';

const next: Text = {
  id: 'Jangan mulai ulang apa pun: simpan salinan basis data audit dan hubungi Inspektorat.',
  en: 'Restart nothing: keep a copy of the audit database and tell the Inspektorat.',
};

const words: Readonly<Record<LogFaultCode, (index: string) => Text>> = {
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
};

/** What is wrong with the log, in words. */
export function faultText({ code, index }: LogFault): Text {
  const what = words[code](String(index));
  return { id: `Log TIDAK konsisten: ${what.id} ${next.id}`, en: `The log is NOT consistent: ${what.en} ${next.en}` };
}
