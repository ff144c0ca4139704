import type { Locale } from '#mesh/errors.ts';
import type { RecordObstacle } from './policy/replay.ts';
import type { HistoryObstacle } from './policy-history.ts';

/** What a replay tells: how the decisions compare, or why nothing was compared. */
export type ReplayOutcome = 'SAME' | 'DIFFERS' | 'BEYOND' | RecordObstacle | HistoryObstacle;

type Text = Readonly<Record<Locale, string>>;

const texts: Readonly<Record<ReplayOutcome, Text>> = {
  SAME: {
    id: 'Kebijakan saat itu memutuskan sama seperti catatan ini.',
    en: 'The policy of then decides as this record tells.',
  },
  DIFFERS: {
    id: 'Kebijakan saat itu memutuskan LAIN daripada catatan ini. Jalankan "rangkiang audit verify" dan simpan hasilnya; bila log utuh, periksa versi perangkat lunak broker yang memutuskan, lalu lapor ke Diskominfo.',
    en: 'The policy of then decides OTHERWISE than this record tells. Run "rangkiang audit verify" and keep its output; if the log is whole, look at the software of the broker that decided, and report it to Diskominfo.',
  },
  BEYOND: {
    id: 'Kebijakan saat itu mengizinkan panggilan ini, tetapi menurut catatan ada elemen yang keluar tanpa diberikan. Jalankan "rangkiang audit verify", bekukan metode ini, dan lapor ke Diskominfo.',
    en: 'The policy of then lets this call in, but by the record elements left that it does not grant. Run "rangkiang audit verify", freeze the method, and report it to Diskominfo.',
  },
  NOT_A_CALL: {
    id: 'Catatan ini bukan catatan sebuah panggilan, jadi tidak ada keputusan untuk diulang. Pilih catatan panggilan, misalnya yang DISCLOSED atau DENIED.',
    en: 'This record is not that of a call, so there is no decision to repeat. Choose the record of a call, e.g. one that is DISCLOSED or DENIED.',
  },
  NO_INPUT: {
    id: 'Catatan ini tidak memuat dasar keputusannya: ditulis sebelum dasar itu dicatat, atau panggilan ditolak sebelum kebijakan ditanya (identitas, kepala, pernyataan operator). Periksa dengan "rangkiang audit show".',
    en: 'This record does not tell what was decided by: it was written before that was kept, or the call was refused before the policy was asked (identity, headers, the operator\'s assertion). Look at it with "rangkiang audit show".',
  },
  NOT_OF_THE_POLICY: {
    id: 'Penolakan ini bukan keputusan kebijakan: kuota, batas jangka pendek, masa sewa broker dan layanan yang tidak menjawab tidak disimpan, jadi tidak dapat diulang. Alasan dalam catatan menyebutkan yang mana.',
    en: "This refusal is not a decision of the policy: quota, short-term limits, a broker's lease and services that do not answer are not kept, and so cannot be repeated. The reason in the record says which it was.",
  },
  POLICY_UNKNOWN: {
    id: 'Layanan izin tidak menyimpan kebijakan sampai versi catatan ini. Bila basis datanya dipulihkan dari cadangan, perubahan sesudah cadangan itu hilang: lihat docs/security-guide.md.',
    en: 'The permit service does not hold the policy up to the version of this record. If its database was restored from a backup, changes after that backup are lost: see docs/security-guide.md.',
  },
  OTHER_POLICY: {
    id: 'Yang disimpan layanan izin sampai versi itu bukan kebijakan yang dipakai memutuskan. Basis datanya dipulihkan atau diubah: bandingkan dengan catatan audit berjenis POLICY (docs/security-guide.md).',
    en: 'What the permit service holds up to that version is not the policy that was decided with. Its database was restored or changed: compare it with the audit records of kind POLICY (docs/security-guide.md).',
  },
  IN_DOUBT: {
    id: 'Saat itu log kebijakan dan log audit berbeda, dan bagian yang hanya diketahui log audit tidak ada di broker ini. Tanyakan ke broker lain, atau coba lagi sesudah broker membaca seluruh log.',
    en: "At that time the policy log and the audit log differed, and this broker does not have the audit log's part of it. Ask another broker, or again when it has read the whole log.",
  },
};

/** The words for an outcome. */
export function replayText(outcome: ReplayOutcome, locale: Locale): string {
  return texts[outcome][locale];
}
