import { mayRelease } from '../broker/policy/release-check.ts';
import { awaitBrokers } from '../services/permit/domain/confirmation.ts';
import type { PolicyStore } from '../services/permit/store/policy-store.ts';
import { CountsFromAnswer, Forgets, KeepsLease } from './broken-holders.ts';
import { LooseQuota } from './loose-quota.ts';
import type { MemoryStore } from './memory-store.ts';
import { type Parts, production } from './parts.ts';

/** A safeguard that can be taken out: what it is, and production without it. */
export interface Safeguard {
  readonly text: string;
  readonly without: Partial<Parts>;
}

/** The store with some methods replaced. */
function storeWith(
  replace: (store: MemoryStore, sleep: (mostMs: number) => Promise<void>) => Partial<PolicyStore>,
): Partial<Parts> {
  return {
    store: (store, sleep) => ({
      renewLease: (installed) => store.renewLease(installed),
      changesAfter: (installed) => store.changesAfter(installed),
      countBrokers: (version) => store.countBrokers(version),
      reserveQuota: (wish) => store.reserveQuota(wish),
      returnQuota: (id, rows) => store.returnQuota(id, rows),
      confirmRestored: () => store.confirmRestored(),
      ...replace(store, sleep),
    }),
  };
}

/** Every safeguard of leases, revocation and quota, by its name on the command line. */
export const safeguards = {
  'lease-from-send': {
    text: 'a lease is counted from before the renewal was sent, not from its answer',
    without: { holder: (empty, extend) => new CountsFromAnswer(empty, extend) },
  },
  'both-clocks': {
    text: 'time passes by whichever of monotonic and wall clock saw more',
    without: { clock: (clock) => () => ({ monoMs: clock().monoMs, wallMs: clock().monoMs }) },
  },
  'release-check': {
    text: 'an answer is checked in the turn in which it leaves',
    without: { mayRelease: () => 'RELEASE' },
  },
  'release-lease': {
    text: 'an answer leaves only under a live lease',
    without: { mayRelease: (held, snapshot, time) => mayRelease(held, snapshot, { ...time, live: true }) },
  },
  'release-redecide': {
    text: 'an answer is decided again when the snapshot has changed',
    without: { mayRelease: (held, _snapshot, time) => mayRelease(held, held.snapshot, time) },
  },
  'lease-drop': {
    text: 'the lease is given up while the policy of another incarnation is installed',
    without: { holder: (empty, extend) => new KeepsLease(empty, extend) },
  },
  'went-back': {
    text: 'a permit service that knows less than the broker has seen is refused',
    without: { holder: (empty, extend) => new Forgets('WENT_BACK', empty, extend) },
  },
  'history-changed': {
    text: 'a permit service that tells another history is refused',
    without: { holder: (empty, extend) => new Forgets('HISTORY_CHANGED', empty, extend) },
  },
  'head-version': {
    text: 'a lease is renewed only for the version that counts',
    without: storeWith((store) => ({
      renewLease: async (installed) => {
        const known = installed.incarnation === store.head.incarnation && installed.version > 0n;
        return known ? store.lease(installed.session, installed) : undefined;
      },
    })),
  },
  'head-lock': {
    text: 'a renewal shares the lock on the head, so that no change comes between its look and its write',
    without: storeWith((store, sleep) => ({
      renewLease: async (installed) => {
        const { head } = store;
        const { incarnation, version, digest } = installed;
        if (incarnation !== head.incarnation || version !== head.version || !digest.equals(head.digest))
          return undefined;
        // It matters most for a broker that the revocation does not know yet.
        await sleep(store.knows(installed.session) ? 5 : 900);
        return store.lease(installed.session, head);
      },
    })),
  },
  'revocation-wait': {
    text: 'a revocation is answered only when nobody acts on an older policy',
    without: { awaitBrokers: (standing) => standing() },
  },
  'full-wait': {
    text: 'a revocation waits 3,100 ms for a broker that is silent, not a third of that',
    without: {
      awaitBrokers: (standing, clock) => awaitBrokers(standing, { nowMs: () => 3 * clock.nowMs(), sleep: clock.sleep }),
    },
  },
  'seen-minute': {
    text: 'a revocation waits for every broker of the last 60 s, not of the last second',
    without: storeWith((store) => ({ countBrokers: (version) => store.countBrokers(version, 1_000) })),
  },
  'quota-bound': {
    text: 'no more is reserved than the day has left',
    without: storeWith((store) => ({
      reserveQuota: async (wish) => {
        const reserved = await store.reserveQuota(wish);
        return reserved.rows > 0 ? reserved : { rows: wish.needed, left: 0 };
      },
    })),
  },
  'quota-lock': {
    text: 'reservations of one permit follow one another',
    without: storeWith((store, sleep) => ({
      reserveQuota: async (wish) => {
        const before = { ...store.quotaOf(wish.permitId, wish.day, 0) };
        await sleep(50);
        const quota = store.quotaOf(wish.permitId, wish.day, 0);
        const others = quota.reserved - before.reserved;
        quota.reserved = before.reserved;
        const reserved = await store.reserveQuota(wish);
        quota.reserved += others;
        return reserved;
      },
    })),
  },
  'return-once': {
    text: 'a reservation is returned once',
    without: storeWith((store) => ({
      returnQuota: async (id, rows) => {
        const reservation = store.reservation(id);
        if (reservation) store.quotaOf(reservation.permitId, reservation.day, 0).reserved -= rows;
      },
    })),
  },
  'refund-cap': {
    text: 'no more is refunded than was charged',
    without: { quota: (service, authorityMs, monoMs) => new LooseQuota('CAP', service, authorityMs, monoMs) },
  },
  'refund-day': {
    text: 'what is refunded after midnight is no row of the new day',
    without: { quota: (service, authorityMs, monoMs) => new LooseQuota('DAY', service, authorityMs, monoMs) },
  },
  'restored-quota': {
    text: 'after a restore the quota of the day counts as used up',
    without: storeWith((store) => ({ confirmRestored: async () => store.beginIncarnation() })),
  },
} as const satisfies Record<string, Safeguard>;

export type SafeguardName = keyof typeof safeguards;

/** Production, without one safeguard or whole. */
export function partsWithout(name: SafeguardName | undefined): Parts {
  return name === undefined ? production : { ...production, ...safeguards[name].without };
}
