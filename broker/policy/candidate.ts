import type { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import type { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import type { OpenHours } from '#mesh/hours.ts';
import type { SigningKeys } from '#mesh/signing-keys.ts';
import type { Activation } from './activation.ts';
import type { Row } from './casbin.ts';

/** What an allowed call may do, beside who makes it. */
export type Terms = Readonly<
  Pick<Grant, 'elements' | 'regions' | 'rowCap' | 'minimumCell' | 'children' | 'disability' | 'scope'>
>;

/** What could carry a call of one OPD: a permit, or the statute. Compiled once, shared by snapshots, never changed. */
export interface Candidate {
  /** The permit's UUID, or "STATUTE". */
  readonly id: string;
  /** The permit's number in the Walikota's register; empty for statute. */
  readonly number: string;
  /** The signed document; undefined for statute. */
  readonly izin: Izin | undefined;
  /** Who may activate it; undefined for what is no emergency permit. */
  readonly persons: SigningKeys | undefined;
  /** SHA-256 of the signed bytes, hex; empty for statute. */
  readonly digest: string;
  /** Undefined for statute, and for a permit that is not activated. */
  readonly activation: Activation | undefined;
  /** Milliseconds since 1970 UTC: the first moment of validity, and the first after it. */
  readonly validFromMs: number;
  readonly validUntilMs: number;
  /** When it may be used; undefined for any hour. */
  readonly hours: OpenHours | undefined;
  /** The index: method -> purpose -> the rows that Casbin decides over. */
  readonly rows: ReadonlyMap<string, ReadonlyMap<string, readonly Row[]>>;
  /** Whether it names the unit. */
  names(unit: string): boolean;
  /** What a call of the method by the unit may do; only asked when the call is allowed. */
  terms(unit: string, method: string): Terms;
}

/** Indexes rows by method and purpose (columns 3 and 4 of model.conf). */
export function indexRows(rows: readonly Row[]): Candidate['rows'] {
  const index = new Map<string, Map<string, Row[]>>();
  for (const row of rows) {
    const [, , , method = '', purpose = ''] = row;
    const byPurpose = index.get(method) ?? new Map<string, Row[]>();
    index.set(method, byPurpose);
    byPurpose.set(purpose, [...(byPurpose.get(purpose) ?? []), row]);
  }
  return index;
}
