import type { Head } from '#mesh/tlog/checkpoint.ts';
import type { Tree } from '#mesh/tlog/tree.ts';

/** The log as proofs see it. */
export interface ProvenLog {
  /** The newest signed head, and the checkpoint that holds it; an empty one before the first. */
  readonly heads: { readonly head: Head; readonly checkpoint: string };
  /** The tree of so many entries, all committed. */
  tree(size: bigint): Tree;
}

/** The newest checkpoint, and that the log goes on to it from an older head; no proof when it is not larger. */
export async function followFrom(
  { heads, tree }: ProvenLog,
  size: bigint,
): Promise<{ checkpoint: string; proof: Buffer[] }> {
  const { head, checkpoint } = heads;
  return { checkpoint, proof: size < head.size ? await tree(head.size).consistencyProof(size) : [] };
}
