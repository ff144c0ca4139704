import { Outcome, RecordFilter } from '#gen/rangkiang/audit/v1/audit.ts';
import { Kind, type Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';

/** The filter that everything passes. */
export const everything: RecordFilter = RecordFilter.create();

const kindsByOutcome: ReadonlyMap<Outcome, readonly Kind[]> = new Map<Outcome, readonly Kind[]>([
  [Outcome.ANSWERED, [Kind.DISCLOSED, Kind.EMPTY, Kind.READ]],
  [Outcome.REFUSED, [Kind.DENIED, Kind.REFUSALS]],
  [Outcome.FAILED, [Kind.FAILED, Kind.WITHHELD, Kind.UNKNOWN]],
  [
    Outcome.CHANGED,
    [
      ...[Kind.POLICY, Kind.REGISTER, Kind.APPLICATION, Kind.DUTY],
      ...[Kind.EMERGENCY_ACTIVATED, Kind.EMERGENCY_ENDED, Kind.EMERGENCY_REVIEWED],
    ],
  ],
]);

/** The kinds that pass; undefined when all do, those that we do not know included. */
export function passingKinds({ kinds, outcome }: RecordFilter): readonly Kind[] | undefined {
  const ended = outcome === Outcome.UNSPECIFIED ? undefined : (kindsByOutcome.get(outcome) ?? []);
  if (kinds.length === 0) return ended;
  return ended ? kinds.filter((kind) => ended.includes(kind)) : kinds;
}

/** Microseconds since 1970 of a moment in a filter. */
export function microseconds(moment: Date): bigint {
  return BigInt(moment.getTime()) * 1_000n;
}

/** What a filter chooses. */
export interface ChosenRecords {
  readonly filter: RecordFilter;
  /** The same for the same filter. */
  readonly key: string;
  /** Whether everything passes. */
  readonly all: boolean;
  readonly passes: (leaf: Leaf) => boolean;
}

/** What a filter chooses, ready to be tested against many records. */
export function chosenBy(filter: RecordFilter): ChosenRecords {
  const key = Buffer.from(RecordFilter.encode(filter).finish()).toString('latin1');
  return { filter, key, all: key === '', passes: passing(filter) };
}

function passing(filter: RecordFilter): (leaf: Leaf) => boolean {
  const kinds = passingKinds(filter);
  const fromUs = filter.fromTime && microseconds(filter.fromTime);
  const belowUs = filter.belowTime && microseconds(filter.belowTime);
  return (leaf) =>
    (filter.opd === '' || leaf.opd === filter.opd) &&
    (kinds === undefined || kinds.includes(leaf.kind)) &&
    (filter.method === '' || leaf.method === filter.method) &&
    (filter.reason === '' || leaf.reason === filter.reason) &&
    (filter.operatorPseudonym === '' || leaf.operatorPseudonym === filter.operatorPseudonym) &&
    (filter.permit === '' || leaf.permit === filter.permit) &&
    (filter.emergency === '' || leaf.emergency === filter.emergency) &&
    (fromUs === undefined || leaf.timeUs >= fromUs) &&
    (belowUs === undefined || leaf.timeUs < belowUs);
}
