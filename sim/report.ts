import { type FaultKind, faultKinds } from './faults.ts';
import { type SafeguardName, safeguards } from './safeguards.ts';
import type { Outcome } from './simulate.ts';
import type { Tally } from './tally.ts';

/** What was searched, and what came of it. */
export interface Finding {
  readonly without: SafeguardName | undefined;
  readonly tally: Tally;
  /** The last lines before the promise was broken; empty when none was. */
  readonly trace: readonly string[];
}

/** Whether it went as it should: a promise is broken exactly when a safeguard is missing. */
export function isAsExpected({ without, tally }: Finding): boolean {
  return tally.violated.length > 0 === (without !== undefined);
}

/** The finding as one JSON object. */
export function toJson(finding: Finding): object {
  const { seeds, operations, fewest, calls, faults, violated } = finding.tally;
  const [found] = violated;
  return {
    without: finding.without ?? null,
    seeds,
    operations,
    ...(found === undefined && { fewestOperations: fewest, calls, faults }),
    violations: violated.length,
    ...(found && { seed: found.seed, violation: found.violation, trace: finding.trace }),
    asExpected: isAsExpected(finding),
  };
}

/** The finding for a reader. */
export function toText(finding: Finding): string {
  return finding.without === undefined ? wholeText(finding) : withoutText(finding, finding.without);
}

function wholeText({ tally, trace }: Finding): string {
  const number = (value: number) => value.toLocaleString('en').padStart(12);
  const [found] = tally.violated;
  const { RELEASED, WITHHELD, REFUSED, LOST } = tally.calls;
  return [
    'faults',
    ...Object.entries(faultKinds).map(([kind, text]) => `${number(tally.faults[kind as FaultKind])}  ${text}`),
    'calls',
    `${number(RELEASED)}  answered`,
    `${number(WITHHELD)}  answer withheld at the release check`,
    `${number(REFUSED)}  refused`,
    `${number(LOST)}  no answer from the register`,
    '',
    ...(found ? [violationText(found, trace), ''] : [`at least ${tally.fewest} operations in each seed`]),
    `seeds ${tally.seeds}, operations ${tally.operations}, violations ${tally.violated.length}`,
  ].join('\n');
}

function withoutText({ tally, trace }: Finding, name: SafeguardName): string {
  const [found] = tally.violated;
  const head = `${name.padEnd(17)} ${safeguards[name].text}`;
  if (!found) return `${head}\n  NOT FOUND in ${tally.seeds} seeds: this simulation does not need the safeguard`;
  return `${head}\n${violationText(found, trace, `--break ${name} `)}`;
}

function violationText({ seed, violation }: Outcome, trace: readonly string[], option = ''): string {
  return [
    `  seed ${seed}, ${violation?.promise}: ${violation?.text}`,
    ...trace.map((line) => `    ${line}`),
    `  replay: npm run sim -- ${option}--seed ${seed}`,
  ].join('\n');
}
