import type { CallOutcome } from './broker-process.ts';
import { City, type Operations } from './city.ts';
import type { FaultCounts } from './faults.ts';
import type { Violation } from './promises.ts';
import { partsWithout, type SafeguardName } from './safeguards.ts';
import { LENGTH_MS, tell } from './story.ts';

/** What came of one seed. */
export interface Outcome {
  readonly seed: number;
  readonly violation: Violation | undefined;
  readonly operations: Operations;
  readonly calls: Record<CallOutcome, number>;
  readonly faults: FaultCounts;
}

/** Lives through the city of one seed, until a promise is broken or its time is over. `trace` gets a line for each step. */
export async function simulate(
  seed: number,
  without?: SafeguardName,
  trace?: (line: string) => void,
): Promise<Outcome> {
  const city = new City(seed, partsWithout(without), trace);
  tell(city);
  await city.scheduler.run(LENGTH_MS, () => city.promises.violation !== undefined);
  const { operations, outcomes, counts, promises } = city;
  return { seed, violation: promises.violation, operations, calls: outcomes, faults: counts };
}
