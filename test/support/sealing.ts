import { createSecretKey, randomBytes } from 'node:crypto';
import { KeyRing } from '../../services/audit/domain/key-ring.ts';
import { MasterKeys } from '../../services/audit/domain/master-keys.ts';
import { Sealer } from '../../services/audit/domain/seal.ts';

/** A sealer with keys of its own, and the ring that it takes them from. */
export function someSealing(master = randomBytes(32)): { sealer: Sealer; ring: KeyRing; masters: MasterKeys } {
  const masters = new MasterKeys([master]);
  const ring = new KeyRing(masters, 0n);
  return { sealer: new Sealer(ring, createSecretKey(randomBytes(32))), ring, masters };
}
