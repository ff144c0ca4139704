import type { SafeguardName } from './safeguards.ts';
import { type Outcome, simulate } from './simulate.ts';
import { Tally } from './tally.ts';

/** Which seeds to live through. */
export interface Search {
  readonly first: number;
  readonly seeds: number;
  /** The safeguard that is taken out. */
  readonly without?: SafeguardName | undefined;
}

/** Lives through seeds one after another, until a promise is broken; `progress` is told after each. */
export async function search(
  { first, seeds, without }: Search,
  progress: (tally: Tally) => void = () => {},
): Promise<Tally> {
  const tally = new Tally();
  for (let seed = first; seed < first + seeds && tally.violated.length === 0; seed += 1) {
    tally.add(await simulate(seed, without));
    progress(tally);
  }
  return tally;
}

/** Lives through one seed and keeps the last lines of what happened. */
export async function replay(
  seed: number,
  without: SafeguardName | undefined,
  lastLines: number,
): Promise<{ outcome: Outcome; trace: string[] }> {
  const trace: string[] = [];
  const outcome = await simulate(seed, without, (line) => {
    trace.push(line);
    if (trace.length > 2 * lastLines) trace.splice(0, lastLines);
  });
  return { outcome, trace: trace.slice(-lastLines) };
}
