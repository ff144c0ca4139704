import type { Head } from '#mesh/tlog/checkpoint.ts';
import type { Tree } from '#mesh/tlog/tree.ts';

/** The log as proofs see it. */
export interface ProvenLog {
  /** The newest signed head, and the checkpoint that holds it; an empty one before the first. */
  readonly heads: { readonly head: Head; readonly checkpoint: string; adopt(): Promise<void> };
  /** The tree of so many entries, all committed. */
  tree(size: bigint): Tree;
}

/**
 * The newest checkpoint, and that the log goes on from an older head to it, or to a head of `to` entries; no proof when
 * that is not larger.
 */
export async function followFrom(
  { heads, tree }: ProvenLog,
  size: bigint,
  to = 0n,
): Promise<{ checkpoint: string; proof: Buffer[] }> {
  // Another replica may have had more signed than this one knows of.
  if (size > heads.head.size || to > heads.head.size) await heads.adopt();
  const { head, checkpoint } = heads;
  const end = to === 0n ? head.size : to;
  return { checkpoint, proof: size < end && end <= head.size ? await tree(end).consistencyProof(size) : [] };
}
