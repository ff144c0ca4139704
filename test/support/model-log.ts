import type { RecordFilter } from '#gen/rangkiang/audit/v1/audit.ts';
import { Kind, Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { leafHash } from '#mesh/leaf.ts';
import type { RecordRow, Stretch } from '../../services/audit/domain/record-page.ts';
import { someEntry } from './audit-entries.ts';

const endings: readonly (readonly Kind[])[] = [
  [],
  [Kind.DISCLOSED, Kind.EMPTY, Kind.READ],
  [Kind.DENIED, Kind.REFUSALS],
  [Kind.FAILED, Kind.WITHHELD, Kind.UNKNOWN],
  [
    Kind.POLICY,
    Kind.REGISTER,
    Kind.APPLICATION,
    Kind.EMERGENCY_ACTIVATED,
    Kind.EMERGENCY_ENDED,
    Kind.EMERGENCY_REVIEWED,
  ],
];

function passes(filter: RecordFilter, leaf: Leaf): boolean {
  const { opd, kinds, method, reason, operatorPseudonym, permit, emergency, outcome, fromTime, belowTime } = filter;
  return (
    (opd === '' || leaf.opd === opd) &&
    (kinds.length === 0 || kinds.includes(leaf.kind)) &&
    (method === '' || leaf.method === method) &&
    (reason === '' || leaf.reason === reason) &&
    (operatorPseudonym === '' || leaf.operatorPseudonym === operatorPseudonym) &&
    (permit === '' || leaf.permit === permit) &&
    (emergency === '' || leaf.emergency === emergency) &&
    (outcome === 0 || endings[outcome]?.includes(leaf.kind) === true) &&
    (fromTime === undefined || Number(leaf.timeUs) / 1000 >= fromTime.getTime()) &&
    (belowTime === undefined || Number(leaf.timeUs) / 1000 < belowTime.getTime())
  );
}

/** The log as a list in memory: what the SQL must do, in words that cannot be misread. */
export class ModelLog {
  readonly rows: RecordRow[] = [];
  /** Stretches that were read. */
  readonly read: Stretch[] = [];

  /** Appends a record. */
  add(changes: Partial<Leaf> = {}): void {
    const { leaf } = someEntry(changes);
    this.rows.push({ index: BigInt(this.rows.length), leaf, leafHash: leafHash(leaf) });
  }

  /** Indexes of the records that pass. */
  passing(filter: RecordFilter): bigint[] {
    return this.rows.filter(({ leaf }) => passes(filter, Leaf.decode(leaf))).map(({ index }) => index);
  }

  async size(): Promise<bigint> {
    return BigInt(this.rows.length);
  }

  async at(index: bigint): Promise<RecordRow | undefined> {
    return this.rows[Number(index)];
  }

  async oldest(stretch: Stretch): Promise<RecordRow[]> {
    this.read.push(stretch);
    const { filter, from, below, limit } = stretch;
    return this.rows
      .slice(Number(from), Number(below))
      .filter(({ leaf }) => passes(filter, Leaf.decode(leaf)))
      .slice(0, limit);
  }

  async newest(stretch: Stretch): Promise<RecordRow[]> {
    const all = await this.oldest({ ...stretch, limit: Number.MAX_SAFE_INTEGER });
    return all.reverse().slice(0, stretch.limit);
  }
}
