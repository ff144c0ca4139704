import { decide } from './decide.ts';
import { agrees, decideNaively } from './oracle.ts';

/** The shape of `decide`. */
export type Decide = typeof decide;

/**
 * `decide`, with one call in `oneIn` decided a second time by the oracle. A difference denies with INTERNAL and calls
 * `alarm`; `oracle` is replaced only by tests.
 */
export function sampledDecide(oneIn: number, alarm: () => void, oracle = decideNaively): Decide {
  let untilNext = oneIn;
  return (snapshot, request, time) => {
    const decision = decide(snapshot, request, time);
    untilNext -= 1;
    if (untilNext > 0) return decision;
    untilNext = oneIn;
    if (agrees(decision, oracle(snapshot, request, time))) return decision;
    alarm();
    return { allowed: false, reason: 'INTERNAL', permit: '' };
  };
}
