import type { Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { ReplayObstacle, type ReplayRequest, ReplayResponse, ReplayVerdict } from '#gen/rangkiang/broker/v1/replay.ts';
import { Scope } from '#gen/rangkiang/mesh/v1/grant.ts';
import { MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';
import { replay as decideAgain, recordedDecision } from './policy/replay.ts';
import type { PolicyHistory } from './policy-history.ts';
import { type ReplayOutcome, replayText } from './replay-texts.ts';

/** The leaf of a record; rejects with RECORD_NOT_FOUND. */
export type ReadLeaf = (index: bigint) => Promise<Leaf | undefined>;

/** What Replay reads. */
export interface ReplayParts {
  readonly readLeaf: ReadLeaf;
  readonly history: Pick<PolicyHistory, 'at'>;
}

/** Replay. Only a record that is a decision's is decided again, and only by the policy that it was decided with. */
export function replay({ readLeaf, history }: ReplayParts) {
  return async ({ index }: ReplayRequest, call: CallContext): Promise<ReplayResponse> => {
    if (call.grant.scope !== Scope.ALL) throw new MeshError('NO_PERMIT');
    const leaf = await readLeaf(index);
    if (leaf === undefined) throw new MeshError('RECORD_NOT_FOUND');
    call.record.rows = 1;
    const { policyVersion } = leaf;
    const answer = (verdict: keyof typeof ReplayVerdict, outcome: ReplayOutcome, facts: Partial<ReplayResponse>) => {
      const text = replayText(outcome, call.locale);
      return ReplayResponse.create({ ...facts, policyVersion, verdict: ReplayVerdict[verdict], text });
    };
    const told = recordedDecision(leaf);
    if (typeof told === 'string') return answer('NOT_REPLAYED', told, { obstacle: ReplayObstacle[told] });
    const { input, decision: recorded } = told;
    const facts = { recorded, decidedAt: new Date(Number(input.earliestMs)) };
    const snapshot = await history.at({ ...input, version: policyVersion }, call.signal);
    if (typeof snapshot === 'string') {
      return answer('NOT_REPLAYED', snapshot, { ...facts, obstacle: ReplayObstacle[snapshot] });
    }
    const { isSame, replayed, beyond } = decideAgain(snapshot, leaf, told);
    const compared = { ...facts, replayed, beyond: [...beyond] };
    if (isSame) return answer('SAME', 'SAME', compared);
    return answer('DIFFERS', beyond.length > 0 ? 'BEYOND' : 'DIFFERS', compared);
  };
}
