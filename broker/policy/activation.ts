import type { Aktivasi } from '#gen/rangkiang/permit/v1/aktivasi.ts';
import { type Address, isInside, type Network, parseNetwork } from './networks.ts';

/** Who may call under a permit, and from where: its Aktivasi, read once. */
export interface Activation {
  /** The signed document; undefined for a draft, which is asked about as if everybody could call from everywhere. */
  readonly aktivasi: Aktivasi | undefined;
  readonly systems: ReadonlySet<string>;
  readonly networks: readonly Network[];
}

/** In a question that names no system: whichever is activated. No certificate can hold this name. */
export const ANY_SYSTEM = '*';
/** In a question that names no address: somewhere that is allowed. No connection comes from there. */
export const ANY_ADDRESS: Address = Object.freeze({ text: '*', words: [] });

/** Reads a verified Aktivasi. What is no network lets nobody call. */
export function readActivation(aktivasi: Aktivasi): Activation {
  const networks = aktivasi.networks.map(parseNetwork).filter((network) => network !== undefined);
  return Object.freeze({ aktivasi, systems: new Set(aktivasi.systems), networks });
}

/** As if a draft were activated for everybody. */
export const openActivation: Activation = Object.freeze({
  aktivasi: undefined,
  systems: new Set([ANY_SYSTEM]),
  networks: ['0.0.0.0/0', '::/0'].map(parseNetwork).filter((network) => network !== undefined),
});

/** The first of the two that does not fit; a call that does not say who or from where fits nothing. */
export function misses(
  { systems, networks }: Activation,
  system: string | undefined,
  address: Address | undefined,
): 'SYSTEM_NOT_ACTIVATED' | 'NETWORK_NOT_ALLOWED' | undefined {
  if (system === undefined || (system === ANY_SYSTEM ? systems.size === 0 : !systems.has(system)))
    return 'SYSTEM_NOT_ACTIVATED';
  if (address === ANY_ADDRESS) return networks.length === 0 ? 'NETWORK_NOT_ALLOWED' : undefined;
  if (address !== undefined) {
    for (const network of networks) if (isInside(address, network)) return undefined;
  }
  return 'NETWORK_NOT_ALLOWED';
}
