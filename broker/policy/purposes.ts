import { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';

/** A purpose as callers write it, e.g. "PELAYANAN_PUBLIK". */
export type PurposeName = Exclude<keyof typeof Purpose, 'UNSPECIFIED'>;

/** Every purpose by its name. A Map, since an object would also know "constructor". */
export const purposeByName: ReadonlyMap<string, Purpose> = new Map(
  Object.entries(Purpose).filter(([, value]) => value !== Purpose.UNSPECIFIED),
);

const nameByPurpose = new Map([...purposeByName].map(([name, value]) => [value, name]));

/** The name of a purpose; throws when it has none. */
export function purposeName(purpose: Purpose): string {
  const name = nameByPurpose.get(purpose);
  if (name === undefined) throw new Error('the purpose is not one of the contract');
  return name;
}
