import { verifyPemulihan } from '#mesh/izin.ts';
import { extendSnapshot } from '../../broker/policy/extend-snapshot.ts';
import type { Snapshot } from '../../broker/policy/snapshot.ts';
import type { PermitService } from './permit-service.ts';
import { statuteOnly, verifyAgainst } from './policy.ts';

/** The policy of a permit service as a broker has it that reads the whole log. */
export async function installedPolicy({ pool, pinned }: PermitService): Promise<Snapshot> {
  const { rows } = await pool.query<{ change: Buffer }>('select change from policy_log order by version');
  return extendSnapshot(
    statuteOnly,
    rows.map(({ change }) => change),
    verifyAgainst(pinned),
    { verifyPemulihan: (jws) => verifyPemulihan(jws, pinned) },
  );
}
