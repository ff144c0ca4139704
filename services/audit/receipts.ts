import type { Receipt } from '#gen/rangkiang/audit/v1/subject.ts';
import { splitHashes } from '#mesh/tlog/hash.ts';
import type { Tree } from '#mesh/tlog/tree.ts';
import type { HeadKeeper } from './domain/head-keeper.ts';
import type { AccessRow } from './domain/list-accesses.ts';
import { openPart } from './domain/seal.ts';
import type { KeyStore } from './store/seal-keys.ts';

/** What receipts are made from. */
interface ReceiptParts {
  readonly keys: Pick<KeyStore, 'open'>;
  readonly heads: Pick<HeadKeeper, 'checkpoint' | 'head'>;
  tree(size: bigint): Tree;
}

/**
 * Makes the receipts of records that concern one resident: what shows offline that each is in the log and concerns them. A row
 * that no signed head holds yet has none; the next second it has.
 */
export function receiptMaker({ keys, heads, tree }: ReceiptParts) {
  return async (rows: readonly AccessRow[], nik: string): Promise<(Receipt | undefined)[]> => {
    const opened = await keys.open([...new Set(rows.map(({ keyId }) => keyId))]);
    const { checkpoint, head } = heads;
    const signed = tree(head.size);
    return Promise.all(
      rows.map(async ({ index, leaf, leafHash, commitments, keyId, sealed }) => {
        const key = opened.get(keyId);
        if (!key || !commitments || index >= head.size) return undefined;
        const salt = openPart(key, leafHash, sealed).subjects.find((subject) => subject.nik === nik)?.salt;
        if (!salt) return undefined;
        const inclusionProof = await signed.inclusionProof(index);
        return { index, leaf, salt, commitments: splitHashes(commitments), checkpoint, inclusionProof };
      }),
    );
  };
}
