import { readFileSync } from 'node:fs';
import { Enforcer, FunctionMap, newModelFromString } from 'casbin';
import { purposeByName } from './purposes.ts';

// The only importer of casbin. What it must not be trusted with, and what we do instead: docs/decisions/0004-casbin-wrapper.md.

/** What Casbin is asked; `permit` is a permit's UUID or "STATUTE". */
export interface AccessRequest {
  readonly permit: string;
  readonly opd: string;
  readonly unit: string;
  readonly method: string;
  readonly purpose: string;
}

/** A policy row in the words of the contract. */
export interface RowContent {
  readonly permit: string;
  readonly opd: string;
  readonly units: readonly string[] | typeof EVERY_UNIT;
  readonly method: string;
  readonly purpose: string;
  readonly eft: 'allow' | 'deny';
  /** What an allowed call may do: the SHA-256 of the signed Izin in hex, or the scope of a statute row. */
  readonly grant: string;
}

declare const sealed: unique symbol;
/** A row that was checked; the only kind that `allows` takes. Its columns stand in the order of model.conf. */
export type Row = readonly string[] & { readonly [sealed]: true };

/** In the unit column: every unit of the OPD. */
export const EVERY_UNIT = '*';
/** In the permit column of rows that follow from the law. */
export const STATUTE = 'STATUTE';

const unit = '"[A-Z][A-Z0-9-]{1,39}"';
const columnForms: readonly (readonly [string, RegExp])[] = [
  ['permit', /^(STATUTE|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/],
  ['opd', /^[A-Z][A-Z0-9_]{1,19}$/],
  ['unit', new RegExp(`^(\\*|\\[${unit}(,${unit})*\\])$`)],
  ['method', /^\/[a-z0-9_.]+\.[A-Za-z0-9]+\/[A-Za-z0-9]+$/],
  ['purpose', new RegExp(`^(${[...purposeByName.keys()].join('|')})$`)],
  ['eft', /^(allow|deny)$/],
  ['grant', /^[A-Za-z0-9]{1,64}$/],
];

/**
 * Checks the columns of a row: with one missing, or an `eft` that it does not know, Casbin can allow.
 * Throws an Error that names the column.
 */
export function sealRow(columns: readonly unknown[]): Row {
  if (columns.length !== columnForms.length)
    throw new Error(`a policy row has ${columnForms.length} columns, not ${columns.length}`);
  columnForms.forEach(([name, form], index) => {
    const value = columns[index];
    if (typeof value !== 'string' || !form.test(value)) throw new Error(`column ${name} of a policy row is malformed`);
  });
  return Object.freeze([...columns]) as unknown as Row;
}

/** Makes a checked row; throws like `sealRow`. */
export function makeRow(content: RowContent): Row {
  const units = content.units === EVERY_UNIT ? EVERY_UNIT : JSON.stringify(content.units);
  return sealRow([content.permit, content.opd, units, content.method, content.purpose, content.eft, content.grant]);
}

/**
 * Synchronous and strictly boolean: Casbin takes a Promise for true. A unit column holds no quotes but those of JSON, so
 * the asked unit in quotes can be found there as a whole or not at all.
 */
function unitIn(asked: unknown, units: unknown): boolean {
  if (typeof asked !== 'string' || typeof units !== 'string') return false;
  return units === EVERY_UNIT || units.includes(JSON.stringify(asked));
}

/**
 * An enforcer whose matcher can call `unitIn` and nothing else. Casbin's own functions (keyMatch, regexMatch, ...) match by
 * prefix or pattern; it also copies every function for every row, so that leaving them out saves a third of the time.
 */
class NarrowEnforcer extends Enforcer {
  protected override fm = new FunctionMap();

  constructor() {
    super();
    this.fm.addFunction('unitIn', unitIn);
  }
}

const model = newModelFromString(readFileSync(new URL('./model.conf', import.meta.url), 'utf8'));
const policy = model.model.get('p')?.get('p');
if (!policy) throw new Error('model.conf defines no p');
const enforcer = new NarrowEnforcer();
await enforcer.initWithModelAndAdapter(model);

/**
 * Whether Casbin allows a request by these rows and no others. The cost is linear in them, about 4 us for one, so callers
 * pass the few rows of the request's own permit, OPD, method and purpose. One enforcer serves every bucket (a new one
 * costs 120 us): the rows are put in place and evaluated in the same turn, so nothing can come between.
 */
export function allows(bucket: readonly Row[], request: AccessRequest): boolean {
  // Without rows Casbin evaluates the matcher once over empty strings. What comes of that is no decision.
  if (bucket.length === 0) return false;
  (policy as { policy: readonly (readonly string[])[] }).policy = bucket;
  return enforcer.enforceSync(request.permit, request.opd, request.unit, request.method, request.purpose) === true;
}
