import { readFile } from 'node:fs/promises';
import { printJson } from '../../mesh/contract.ts';
import { signAktivasi, signIzin, signPemulihan, verifyAktivasi, verifyIzin, verifyPemulihan } from '../../mesh/izin.ts';
import { pinnedKeys } from '../../mesh/signing-keys.ts';
import { Aktivasi } from '../../proto/gen/rangkiang/permit/v1/aktivasi.ts';
import { Izin } from '../../proto/gen/rangkiang/permit/v1/izin.ts';
import { Pemulihan } from '../../proto/gen/rangkiang/permit/v1/life_cycle.ts';
import type { Credential } from '../ca/certificate.ts';
import { CliFailure } from '../failure.ts';
import type { Layout } from '../state/layout.ts';

/**
 * Signs an Izin with the Walikota's key, which lies on the Walikota's machine only; answers the JWS. Throws MeshError
 * REQUEST_INVALID when the Izin breaks a rule of the contract, before anything is sent.
 */
export async function signAsWalikota(layout: Layout, izin: Izin): Promise<string> {
  const { certPem, keyPem } = await readWalikotaKey(layout);
  const text = printJson('rangkiang.permit.v1.Izin', Izin.encode(izin).finish());
  const jws = await signIzin(Buffer.from(text), keyPem, certPem);
  await verifyIzin(jws, pinnedKeys(certPem));
  return jws;
}

/** Signs what activates a permit, likewise. */
export async function signAktivasiAsWalikota(layout: Layout, aktivasi: Aktivasi): Promise<string> {
  const { certPem, keyPem } = await readWalikotaKey(layout);
  const text = printJson('rangkiang.permit.v1.Aktivasi', Aktivasi.encode(aktivasi).finish());
  const jws = await signAktivasi(Buffer.from(text), keyPem, certPem);
  await verifyAktivasi(jws, pinnedKeys(certPem));
  return jws;
}

/** Signs what lifts a suspension, likewise. */
export async function signPemulihanAsWalikota(layout: Layout, pemulihan: Pemulihan): Promise<string> {
  const { certPem, keyPem } = await readWalikotaKey(layout);
  const text = printJson('rangkiang.permit.v1.Pemulihan', Pemulihan.encode(pemulihan).finish());
  const jws = await signPemulihan(Buffer.from(text), keyPem, certPem);
  await verifyPemulihan(jws, pinnedKeys(certPem));
  return jws;
}

/** The Walikota's signing certificate and key, PEM. Throws a CliFailure on every machine but the Walikota's. */
export function readWalikotaKey(layout: Layout): Promise<Credential> {
  return readSigner(layout.izin);
}

/** The certificate and key of `<path>.crt` and `<path>.key`, likewise. */
export async function readSigner(path: string): Promise<Credential> {
  const [certPem, keyPem] = await Promise.all([readKeyFile(`${path}.crt`), readKeyFile(`${path}.key`)]);
  return { certPem, keyPem };
}

async function readKeyFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new CliFailure(
      {
        id: `${file} tidak terbaca: hanya klien Walikota memegang kunci tanda tangan.`,
        en: `${file} cannot be read: only the Walikota's client holds the signing key.`,
      },
      1,
      { cause },
    );
  }
}
