import type { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import type { Resident } from '#gen/rangkiang/resident/v1/resident.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { MeshError } from '#mesh/errors.ts';

/** The field of a Resident that holds each element; the elements that are never held here have none. */
export const fieldOf: ReadonlyMap<Element, keyof Resident> = new Map<Element, keyof Resident>([
  [Element.NOMOR_KK, 'nomorKk'],
  [Element.NIK, 'nik'],
  [Element.NAMA_LENGKAP, 'namaLengkap'],
  [Element.JENIS_KELAMIN, 'jenisKelamin'],
  [Element.TEMPAT_LAHIR, 'tempatLahir'],
  [Element.TANGGAL_LAHIR, 'tanggalLahir'],
  [Element.GOLONGAN_DARAH, 'golonganDarah'],
  [Element.AGAMA, 'agama'],
  [Element.STATUS_KAWIN, 'statusKawin'],
  [Element.SHDK, 'shdk'],
  [Element.CACAT, 'cacat'],
  [Element.PENDIDIKAN_TERAKHIR, 'pendidikanTerakhir'],
  [Element.PEKERJAAN, 'pekerjaan'],
  [Element.NIK_IBU, 'nikIbu'],
  [Element.NAMA_IBU, 'namaIbu'],
  [Element.NIK_AYAH, 'nikAyah'],
  [Element.NAMA_AYAH, 'namaAyah'],
  [Element.ALAMAT_SEBELUMNYA, 'alamatSebelumnya'],
  [Element.ALAMAT_SEKARANG, 'alamatSekarang'],
  [Element.PUNYA_AKTA_LAHIR, 'punyaAktaLahir'],
  [Element.NO_AKTA_LAHIR, 'noAktaLahir'],
  [Element.PUNYA_AKTA_KAWIN, 'punyaAktaKawin'],
  [Element.NO_AKTA_KAWIN, 'noAktaKawin'],
  [Element.TANGGAL_KAWIN, 'tanggalKawin'],
  [Element.PUNYA_AKTA_CERAI, 'punyaAktaCerai'],
  [Element.NO_AKTA_CERAI, 'noAktaCerai'],
  [Element.TANGGAL_CERAI, 'tanggalCerai'],
]);

/** What a grant lets a call touch of the elements. */
type ElementGrant = Pick<Grant, 'elements' | 'disability'>;

/** The elements that a grant lets out: those that are held here, and CACAT only with its own flag. In order of number. */
function grantedElements(grant: ElementGrant): Element[] {
  return [...fieldOf.keys()].filter(
    (element) => grant.elements.includes(element) && (element !== Element.CACAT || grant.disability),
  );
}

/**
 * The elements that a call uses, in order of number: those asked, or all granted ones when none is asked.
 * Throws ELEMENT_NOT_GRANTED when one that is asked is not granted, or nothing is.
 */
export function usableElements(grant: ElementGrant, asked: readonly Element[]): Element[] {
  const granted = grantedElements(grant);
  if (granted.length === 0 || asked.some((element) => !granted.includes(element))) {
    throw new MeshError('ELEMENT_NOT_GRANTED');
  }
  return asked.length === 0 ? granted : granted.filter((element) => asked.includes(element));
}

/** Elements as bits of one number, an element's number being its bit; all numbers are below 31. */
export function maskOf(elements: readonly Element[]): number {
  return elements.reduce<number>((mask, element) => mask | (1 << element), 0);
}
