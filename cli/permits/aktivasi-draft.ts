import { izinDigest } from '../../mesh/izin.ts';
import type { Aktivasi } from '../../proto/gen/rangkiang/permit/v1/aktivasi.ts';

/** What an activation states beside the Izin that it is of. */
export type AktivasiTerms = Pick<Aktivasi, 'pksNumber' | 'juknisNumber' | 'conformityNumber' | 'systems' | 'networks'>;

/** The Aktivasi of the Izin of this version whose signed bytes are `izinJws`. */
export function draftAktivasi(permitId: string, version: number, izinJws: string, terms: AktivasiTerms): Aktivasi {
  const { pksNumber, juknisNumber, conformityNumber, systems, networks } = terms;
  const stated = { pksNumber, juknisNumber, conformityNumber, systems, networks };
  return { permitId, version, izinDigest: izinDigest(izinJws), ...stated };
}
