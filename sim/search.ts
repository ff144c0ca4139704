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

const OTHER_PERMIT = /\bpermit \d+\b/;

/** Lives through a seed in which a promise was broken, and keeps the last lines that are not about other permits. */
export async function replay(
  { seed, violation }: Outcome,
  without: SafeguardName | undefined,
  lastLines: number,
): Promise<string[]> {
  const trace: string[] = [];
  await simulate(seed, without, (line) => {
    const [permit = violation?.permit] = OTHER_PERMIT.exec(line) ?? [];
    if (permit === violation?.permit) trace.push(line);
  });
  return trace.slice(-lastLines);
}
