import type { Resident } from '#gen/rangkiang/resident/v1/resident.ts';
import type { Pipeline, Statement } from '#mesh/sql.ts';
import { adultIfBornBy, type DateNumber } from '../domain/calendar.ts';
import type { Regions } from '../domain/regions.ts';
import type { Scope } from '../domain/scope.ts';
import { arrayLiteral } from './array-literal.ts';
import { type ResidentRow, residentOf } from './resident-row.ts';
import { inScope, maskedColumns } from './scope-sql.ts';

/**
 * Keys, element masks, regions and child flags of many calls, side by side: each row is joined and each column masked by its
 * own call's grant.
 */
const readMany: Statement = {
  name: 'read-many',
  text: `select a.position::int4,
  ${maskedColumns('a.mask')}
from unnest($1::int8[], $2::int4[], $3::int4multirange[], $4::bool[])
  with ordinality as a (nik, mask, regions, children, position)
join residents r on r.nik = a.nik
  and ${inScope('r', { regions: 'a.regions', children: 'a.children', adultIfBornBy: '$5' })}`,
};

/** Most keys in one query: with more, the first of them would wait for the last. */
const MAX_KEYS = 128;
/** Queries on their way at a time: the database works on one while the next travels; further keys gather meanwhile. */
const MAX_QUERIES = 2;

interface Read {
  readonly nik: string;
  readonly scope: Scope;
  resolve(resident: Resident | undefined): void;
  reject(error: unknown): void;
}

/**
 * Reads residents by NIK. The reads that begin in one turn of the event loop go to the database together, as do those that
 * gather while two queries are on their way.
 */
export class ResidentReader {
  readonly #pipeline: Pipeline;
  readonly #regions: Regions;
  readonly #today: () => DateNumber;
  #waiting: Read[] = [];
  #queries = 0;
  #scheduled = false;

  constructor(pipeline: Pipeline, regions: Regions, today: () => DateNumber) {
    this.#pipeline = pipeline;
    this.#regions = regions;
    this.#today = today;
  }

  /** The elements of a scope of one resident; undefined when nobody with this NIK lies in the scope. */
  read(nik: string, scope: Scope): Promise<Resident | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ nik, scope, resolve, reject });
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.#send();
      });
    });
  }

  #send(): void {
    while (this.#waiting.length > 0 && this.#queries < MAX_QUERIES) {
      this.#queries += 1;
      void this.#query(this.#waiting.splice(0, MAX_KEYS)).finally(() => {
        this.#queries -= 1;
        this.#send();
      });
    }
  }

  async #query(reads: readonly Read[]): Promise<void> {
    try {
      const rows = await this.#pipeline.query<ResidentRow & { position: number }>(readMany, [
        arrayLiteral(reads.map(({ nik }) => nik)),
        arrayLiteral(reads.map(({ scope }) => scope.mask)),
        arrayLiteral(reads.map(({ scope }) => scope.regions)),
        arrayLiteral(reads.map(({ scope }) => scope.children)),
        adultIfBornBy(this.#today()),
      ]);
      const found = new Map(rows.map((row) => [row.position, row]));
      for (const [i, { resolve }] of reads.entries()) {
        const row = found.get(i + 1);
        resolve(row && residentOf(row, this.#regions));
      }
    } catch (error) {
      for (const { reject } of reads) reject(error);
    }
  }
}
