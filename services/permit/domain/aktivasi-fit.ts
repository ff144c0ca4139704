import type { Aktivasi } from '#gen/rangkiang/permit/v1/aktivasi.ts';
import type { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { isSubset } from './izin-fit.ts';
import type { RegimeName } from './life-cycle.ts';

/** The first field in which a signed Aktivasi is not that of an Izin, of whose signed bytes `digest` is the SHA-256. */
export function aktivasiMisfit(
  aktivasi: Aktivasi,
  izin: Izin | undefined,
  digest: Buffer,
  regime: RegimeName,
): string | undefined {
  const checks: readonly [field: string, fits: boolean][] = [
    ['permit_id', aktivasi.permitId === izin?.permitId],
    ['version', aktivasi.version === izin?.version],
    ['izin_digest', aktivasi.izinDigest.equals(digest)],
    // Only Permendagri 102/2019 knows the conformity check.
    ['conformity_number', (aktivasi.conformityNumber !== '') === (regime === 'PERMENDAGRI_102_2019')],
  ];
  return checks.find(([, fits]) => !fits)?.[0];
}

/** Whether `next` lets nobody call, and from nowhere, whom the Aktivasi in force does not let. */
export function activatesNoMore(inForce: Aktivasi | undefined, next: Aktivasi): boolean {
  return inForce !== undefined && isSubset(next.systems, inForce.systems) && isSubset(next.networks, inForce.networks);
}
