import type { BreachedAccess } from '../../proto/gen/rangkiang/audit/v1/subject.ts';
import { Element } from '../../proto/gen/rangkiang/type/v1/element.ts';
import { Purpose } from '../../proto/gen/rangkiang/type/v1/purpose.ts';
import { enumName } from '../enum-name.ts';
import { elementWords, methodWords, moment } from '../permits/names.ts';

/** What a pack is about. */
export interface Breach {
  readonly operator: string;
  readonly from: Date;
  readonly below: Date;
  /** When it became known: the three days run from then. */
  readonly known: Date;
  /** Newest first. */
  readonly accesses: readonly BreachedAccess[];
  /** Numbers of permits in the Walikota's register, by id. */
  readonly numbers: ReadonlyMap<string, string>;
}

const THREE_DAYS_MS = 3 * 86_400_000;
const names = (elements: Iterable<Element>) => [...elements].map((element) => enumName(Element, element));

/** What each resident is to be told: a JSON line for each, with the NIK. Only ever written sealed. */
export function residentLines({ accesses }: Breach): string {
  const byNik = new Map<string, { time: string; elements: string[] }[]>();
  for (const { niks, time, elements } of accesses) {
    for (const nik of niks) {
      const shown = byNik.get(nik) ?? [];
      shown.push({ time: moment(time), elements: names(elements) });
      byNik.set(nik, shown);
    }
  }
  return [...byNik].map(([nik, shown]) => `${JSON.stringify({ nik, shown })}\n`).join('');
}

/** Each answer on a JSON line, without residents. */
export function accessLines({ accesses, numbers }: Breach): string {
  const line = ({ index, time, niks, erased, purpose, elements, permit, ...who }: BreachedAccess) =>
    JSON.stringify({
      ...{ index: `${index}`, time: moment(time), opd: who.opd, unit: who.unit, system: who.system },
      ...{ method: who.method, purpose: enumName(Purpose, purpose), permit, permitNumber: numbers.get(permit) ?? '' },
      ...{ elements: names(elements), residents: niks.length + erased },
    });
  return accesses.map((access) => `${line(access)}\n`).join('');
}

/** The sums of a breach, without residents. */
export function summaryOf({ operator, from, below, known, accesses, numbers }: Breach) {
  const set = <T>(of: (access: BreachedAccess) => readonly T[]) => [...new Set(accesses.flatMap(of))];
  return {
    operator,
    from: moment(from),
    below: moment(below),
    noticesDue: moment(new Date(known.getTime() + THREE_DAYS_MS)),
    answers: accesses.length,
    residents: set(({ niks }) => niks).length,
    residentsErased: accesses.reduce((sum, { erased }) => sum + erased, 0),
    first: moment(accesses.at(-1)?.time),
    last: moment(accesses[0]?.time),
    units: set(({ opd, unit }) => [`${opd}/${unit}`]),
    systems: set(({ system }) => [system]),
    methods: set(({ method }) => [method]),
    purposes: set(({ purpose }) => [enumName(Purpose, purpose)]),
    permits: set(({ permit }) => [permit]).map((id) => ({ id, number: numbers.get(id) ?? '' })),
    elements: names(set(({ elements }) => elements)),
  };
}

/** Draft of the notice to each resident: article 46 (2) of UU 27/2022 asks for what, when and how, and what is done. */
export function residentNotice(breach: Breach): string {
  const elements = new Set(breach.accesses.flatMap((access) => access.elements));
  return `RANCANGAN PEMBERITAHUAN KEPADA PENDUDUK
(Pasal 46 UU Nomor 27 Tahun 2022; paling lambat ${summaryOf(breach).noticesDue})

Kepada Yth. [nama penduduk, dari daftar tersegel]
NIK [NIK]

Dengan ini kami memberitahukan kegagalan pelindungan data pribadi Saudara.

1. Data pribadi yang terungkap: ${elementWords([...elements], 'id')}.
   [Sesuaikan dengan elemen pada baris penduduk ini.]
2. Kapan dan bagaimana: antara ${moment(breach.from)} dan ${moment(breach.below)}, data Saudara dilihat
   dengan akun seorang petugas ${summaryOf(breach).units.join(', ')} tanpa hak. [Uraikan.]
3. Upaya penanganan dan pemulihan: akun dan sistemnya telah dibekukan; setiap akses tercatat dalam catatan
   yang tidak dapat diubah. [Uraikan langkah lain.]

Saudara berhak meminta daftar siapa yang melihat data Saudara beserta tanda terimanya di loket Disdukcapil
Kota Padang, dan mengajukan keberatan di sana.

Padang, [tanggal]
[pejabat]
`;
}

/** Draft of the notice to the agency that article 46 (1) names. */
export function agencyNotice(breach: Breach): string {
  const summary = summaryOf(breach);
  const permits = summary.permits.map(({ id, number }) => number || id).join(', ');
  return `RANCANGAN PEMBERITAHUAN KEPADA LEMBAGA
(Pasal 46 UU Nomor 27 Tahun 2022; paling lambat ${summary.noticesDue})

Pengendali data pribadi   : Pemerintah Kota Padang, Dinas Kependudukan dan Pencatatan Sipil
Diketahui                 : ${moment(breach.known)}
Waktu kejadian            : ${summary.first} sampai ${summary.last} (${summary.answers} jawaban)
Penduduk yang terdampak   : ${summary.residents}, dan ${summary.residentsErased} yang sudah dihapus dari catatan
Data pribadi yang terungkap: ${elementWords([...new Set(breach.accesses.flatMap(({ elements }) => elements))], 'id')}
Oleh                      : petugas dengan nama samaran ${breach.operator}; ${summary.units.join(', ')};
                            sistem ${summary.systems.join(', ')}
Dengan metode             : ${methodWords(summary.methods)}
Di bawah izin             : ${permits}
Upaya penanganan          : [pembekuan yang diberikan, pencabutan, pemeriksaan]
Upaya pemulihan           : [uraikan]

Bukti: catatan audit dalam berkas catatan.jsonl, masing-masing dapat diperiksa dengan "rangkiang audit show".
`;
}
