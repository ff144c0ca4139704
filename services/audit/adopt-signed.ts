import { setTimeout as delay } from 'node:timers/promises';
import { MeshError } from '#mesh/errors.ts';
import type { Logger } from '#mesh/log.ts';
import type { HeadKeeper } from './domain/head-keeper.ts';

const RETRY_MS = 100;

/**
 * Learns from the signer what was signed last; waits for a signer that does not answer, since processes start in any order.
 * Throws LogBroken when the database does not hold it.
 */
export async function adoptSigned(heads: HeadKeeper, log: Logger): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await heads.adopt();
    } catch (err) {
      if (!(err instanceof MeshError)) throw err;
      if (attempt === 0)
        log.warn({ err }, 'waiting for the signer: nothing is taken before it says what was signed last');
    }
    await delay(RETRY_MS);
  }
}
