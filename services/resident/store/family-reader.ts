import type { Resident } from '#gen/rangkiang/resident/v1/resident.ts';
import type { Pipeline, Statement } from '#mesh/sql.ts';
import { adultIfBornBy, type DateNumber } from '../domain/calendar.ts';
import type { Regions } from '../domain/regions.ts';
import type { Scope } from '../domain/scope.ts';
import { type ResidentRow, residentOf, sixteenDigits } from './resident-row.ts';
import { inScope, maskedColumns } from './scope-sql.ts';

const scope = { regions: '$3::int4multirange', children: '$4::bool', adultIfBornBy: '$5::int4' };

function membersWhere(household: string): string {
  return `select r.nik as subject,
  ${maskedColumns('$2::int4')}
from residents r
where r.nomor_kk = ${household} and ${inScope('r', scope)}
order by r.shdk nulls last, r.nik limit $6`;
}

const membersByKk: Statement = { name: 'family-by-kk', text: membersWhere('$1::int8') };

/** The NIK must itself lie in the scope: else an answer would tell that somebody outside it exists, and to whom he belongs. */
const membersByNik: Statement = {
  name: 'family-by-nik',
  text: membersWhere(`(select k.nomor_kk from residents k where k.nik = $1::int8 and ${inScope('k', scope)})`),
};

/** How a household is asked for. */
export type HouseholdKey = { readonly nik: string } | { readonly nomorKk: string };

/** A member of a household: the elements of the scope, and the NIK for the record, whether it is granted or not. */
export interface Member {
  readonly subject: string;
  readonly resident: Resident;
}

/** Reads households, each with one query on the pipeline. */
export class FamilyReader {
  readonly #pipeline: Pipeline;
  readonly #regions: Regions;
  readonly #today: () => DateNumber;

  constructor(pipeline: Pipeline, regions: Regions, today: () => DateNumber) {
    this.#pipeline = pipeline;
    this.#regions = regions;
    this.#today = today;
  }

  /** The members in the scope, head first, at most `limit`; none when the key is not in the scope. */
  async read(key: HouseholdKey, { mask, regions, children }: Scope, limit: number): Promise<Member[]> {
    const [statement, number] = 'nik' in key ? [membersByNik, key.nik] : [membersByKk, key.nomorKk];
    const values = [number, mask, regions, children, adultIfBornBy(this.#today()), limit];
    const rows = await this.#pipeline.query<ResidentRow & { subject: bigint }>(statement, values);
    return rows.map((row) => ({ subject: sixteenDigits(row.subject), resident: residentOf(row, this.#regions) }));
  }
}
