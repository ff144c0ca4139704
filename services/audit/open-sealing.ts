import type { Logger } from '#mesh/log.ts';
import type { Pool } from '#mesh/sql.ts';
import type { Sealing } from './committer.ts';
import { KeyRing } from './domain/key-ring.ts';
import { MasterKeys } from './domain/master-keys.ts';
import { Sealer } from './domain/seal.ts';
import { type KeyStore, keyStore } from './store/seal-keys.ts';

/**
 * Opens the key store and makes it agree with the log: what the log says is erased is destroyed again, should an older copy of
 * the keys have been put back. Keys under older master keys are wrapped anew beside everything else, and the log tells when
 * that is done.
 */
export async function openSealing(
  pool: Pool,
  secrets: readonly [Buffer, ...Buffer[]],
  log: Logger,
): Promise<Sealing & { keys: KeyStore }> {
  const masters = new MasterKeys(secrets);
  const keys = keyStore(pool, masters);
  const tagKey = await keys.tagKey();
  const again = await keys.destroy(await keys.erasedByLog());
  if (again > 0n)
    log.warn({ keys: Number(again) }, 'keys that the log says are erased were there, and are destroyed again');
  const ring = new KeyRing(masters, await keys.destructions());
  rewrap(keys, log).catch((err) => log.error({ err }, 'keys cannot be wrapped anew; the older master keys must stay'));
  return { ring, sealer: new Sealer(ring, tagKey), keys };
}

async function rewrap(keys: KeyStore, log: Logger): Promise<void> {
  let total = 0;
  for (let some = await keys.rewrapSome(); some > 0; some = await keys.rewrapSome()) total += some;
  if (total > 0) log.info({ keys: total }, 'keys are wrapped by the newest master key; the older ones can go');
}
