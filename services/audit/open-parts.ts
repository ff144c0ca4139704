import { type OpenedPart, openPart } from './domain/seal.ts';
import type { accessReader } from './store/read-accesses.ts';
import type { KeyStore } from './store/seal-keys.ts';

/** Opens what is sealed beside records, as far as the keys are there. */
export function partsOpener(accesses: Pick<ReturnType<typeof accessReader>, 'in'>, keys: Pick<KeyStore, 'open'>) {
  return async (indexes: readonly bigint[]): Promise<Map<bigint, OpenedPart[]>> => {
    const rows = await accesses.in(indexes);
    const opened = await keys.open([...new Set(rows.map(({ keyId }) => keyId))]);
    const parts = new Map<bigint, OpenedPart[]>();
    for (const { index, keyId, leafHash, sealed } of rows) {
      const key = opened.get(keyId);
      if (key) parts.set(index, [...(parts.get(index) ?? []), openPart(key, leafHash, sealed)]);
    }
    return parts;
  };
}
