import type { CallOutcome } from './broker-process.ts';
import { type FaultCounts, type FaultKind, noFaults } from './faults.ts';
import type { Outcome } from './simulate.ts';

/** The sum over many seeds. */
export class Tally {
  seeds = 0;
  operations = 0;
  /** Operations of the seed that had fewest. */
  fewest = Number.POSITIVE_INFINITY;
  readonly calls: Record<CallOutcome, number> = { RELEASED: 0, WITHHELD: 0, REFUSED: 0, LOST: 0 };
  readonly faults: FaultCounts = noFaults();
  /** Outcomes in which a promise was broken. */
  readonly violated: Outcome[] = [];

  add(outcome: Outcome): void {
    this.seeds += 1;
    const operations = Object.values(outcome.operations).reduce((sum, count) => sum + count, 0);
    this.operations += operations;
    if (outcome.violation) this.violated.push(outcome);
    else this.fewest = Math.min(this.fewest, operations);
    for (const [kind, count] of Object.entries(outcome.calls)) this.calls[kind as CallOutcome] += count;
    for (const [kind, count] of Object.entries(outcome.faults)) this.faults[kind as FaultKind] += count;
  }
}
