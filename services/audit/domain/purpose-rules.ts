import { readFileSync } from 'node:fs';
import { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';

/** What follows from why data were used. */
export interface PurposeRule {
  readonly purpose: Purpose;
  /** On which law it rests, in Indonesian. */
  readonly legalBasis: string;
  /** For how long the resident is not shown it. */
  readonly withheldDays: number;
  /** After which time nobody can tell any more whose data they were. */
  readonly sealedYears: number;
}

/** The rules of data/purpose_rules.csv: one for every purpose of the contract. Throws an Error that names what is wrong. */
export function readPurposeRules(
  text = readFileSync(new URL('../../../data/purpose_rules.csv', import.meta.url), 'utf8'),
): ReadonlyMap<Purpose, PurposeRule> {
  const rules = new Map<Purpose, PurposeRule>();
  for (const line of text.trim().split('\n').slice(1)) {
    const [code = '', legalBasis = '', withheld = '', sealed = ''] = line.split(',');
    const purpose = Purpose[code as keyof typeof Purpose];
    if (!purpose || !legalBasis || !/^\d{1,5}$/.test(withheld) || !/^[1-9]\d?$/.test(sealed)) {
      throw new Error(`data/purpose_rules.csv: "${line}" is no rule of a purpose`);
    }
    rules.set(purpose, { purpose, legalBasis, withheldDays: Number(withheld), sealedYears: Number(sealed) });
  }
  const missing = Object.entries(Purpose).find(([, purpose]) => purpose > 0 && !rules.has(purpose));
  if (missing) throw new Error(`data/purpose_rules.csv: no rule for ${missing[0]}`);
  return rules;
}

/** The moment before which the sealed parts of a purpose are removed, microseconds since 1970 UTC. */
export function keptFromUs({ sealedYears }: PurposeRule, now: Date): bigint {
  const from = new Date(now);
  from.setUTCFullYear(from.getUTCFullYear() - sealedYears);
  return BigInt(from.getTime()) * 1_000n;
}
