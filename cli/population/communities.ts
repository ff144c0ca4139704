import { Weighted } from './weighted.ts';

/** Codes of the list agama. */
export const Religion = { ISLAM: 1, KRISTEN: 2, KATHOLIK: 3, HINDU: 4, BUDHA: 5, KHONGHUCU: 6, LAINNYA: 7 } as const;

/** People who share fashions of names and religions; a household belongs to one. */
export interface Community {
  /** List of given names in `data/names.csv`. */
  readonly words: string;
  /** List of family names, if the community has them. */
  readonly familyList?: string;
  /** Share of people who carry a family name. */
  readonly familyShare: number;
  /** Whose family name a child carries: a Minangkabau suku comes from the mother. */
  readonly lineage: 'mother' | 'father';
  readonly religions: Weighted<number>;
}

const ISLAM = new Weighted([[Religion.ISLAM, 1]]);
const PROTESTANT = new Weighted([
  [Religion.KRISTEN, 80],
  [Religion.KATHOLIK, 20],
]);
const CHINESE = new Weighted([
  [Religion.BUDHA, 55],
  [Religion.KATHOLIK, 28],
  [Religion.KRISTEN, 14],
  [Religion.KHONGHUCU, 3],
]);
const OTHER = new Weighted([
  [Religion.HINDU, 60],
  [Religion.LAINNYA, 40],
]);

/** The communities with their shares in 1,000 (assumption): 968 are Muslim. */
export const COMMUNITIES: Weighted<Community> = new Weighted<Community>([
  [{ words: 'MINANG', familyList: 'MINANG', familyShare: 0.07, lineage: 'mother', religions: ISLAM }, 888],
  [{ words: 'JAWA', familyShare: 0, lineage: 'father', religions: ISLAM }, 46],
  [{ words: 'MINANG', familyList: 'MANDAILING', familyShare: 0.95, lineage: 'father', religions: ISLAM }, 34],
  [{ words: 'KRISTEN', familyList: 'NIAS', familyShare: 1, lineage: 'father', religions: PROTESTANT }, 13],
  [{ words: 'TIONGHOA', familyList: 'TIONGHOA', familyShare: 0.8, lineage: 'father', religions: CHINESE }, 9],
  [{ words: 'KRISTEN', familyList: 'BATAK', familyShare: 1, lineage: 'father', religions: PROTESTANT }, 6],
  [{ words: 'KRISTEN', familyList: 'MENTAWAI', familyShare: 1, lineage: 'father', religions: PROTESTANT }, 3],
  [{ words: 'JAWA', familyShare: 0, lineage: 'father', religions: OTHER }, 1],
]);
