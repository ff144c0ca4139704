import type { RenewRequest, RenewResponse } from '#gen/rangkiang/permit/v1/policy.ts';
import { LEASE_MS } from '../domain/confirmation.ts';
import type { Authority } from '../store/leases.ts';
import type { PolicyStore } from '../store/policy-store.ts';

/** Renews a broker's lease when it has installed the policy that counts, and otherwise tells it what to install. */
export function renew(store: Pick<PolicyStore, 'renewLease' | 'changesAfter'>) {
  return async (request: RenewRequest): Promise<RenewResponse> => {
    const { brokerSession: session, incarnation, version, digest } = request;
    const lease = await store.renewLease({ session, incarnation, version, digest });
    if (lease) return answer(lease, { renewed: true, changes: [] });
    const { changes, ...authority } = await store.changesAfter({ incarnation, version });
    return answer(authority, { renewed: false, changes });
  };
}

function answer(authority: Authority, outcome: Pick<RenewResponse, 'renewed' | 'changes'>): RenewResponse {
  const { incarnation, version, brokers, now } = authority;
  return { ...outcome, incarnation, version, brokers, authorityTime: now, leaseMs: LEASE_MS };
}
