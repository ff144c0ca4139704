import type { PolicyNarrowing } from '#gen/rangkiang/audit/v1/leaf.ts';
import { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import type { PolicyChange } from '#gen/rangkiang/permit/v1/policy.ts';
import { payloadOf } from './signed-payload.ts';

/**
 * What the record of a narrowing says that it narrows, enough for a broker to deny it without the change itself. `bytes` are
 * those of the change. The change of a permit is signed and was verified.
 */
export function narrowingOf(change: NonNullable<PolicyChange['change']>, bytes: Buffer): PolicyNarrowing {
  switch (change.$case) {
    case 'permitIssued':
      return { narrowing: { $case: 'permitId', value: Izin.fromJSON(payloadOf(change.value.jws)).permitId } };
    case 'operatorKeysWithdrawn':
    case 'operatorWithdrawn':
      return { narrowing: { $case: 'operatorsOf', value: change.value.opd } };
    default:
      return { narrowing: { $case: 'change', value: bytes } };
  }
}
