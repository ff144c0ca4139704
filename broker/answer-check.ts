import { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { readVarint, walkFields } from './wire.ts';

// The services apply the grant where they read. What leaves is held against it once more at the door, so that a service that
// is broken or taken over gives nothing that was not granted.

/** What an answer may hold at most. */
export interface AnswerLimits {
  /** Elements as bits, an element's number being its bit. */
  readonly elements: number;
  /** Smallest count that may be told; 0 for none. */
  readonly minimumCell: number;
}

const limitsByTerms = new WeakMap<Buffer, AnswerLimits>();

/** The limits that the terms of a decision say. Decoded once: a decision's terms are the same buffer from call to call. */
export function limitsOf(terms: Buffer): AnswerLimits {
  let limits = limitsByTerms.get(terms);
  if (limits === undefined) {
    const { elements, disability, minimumCell } = Grant.decode(terms);
    // CACAT is the one element that needs its flag beside it.
    const usable = elements.filter((element) => element !== Element.CACAT || disability);
    limits = Object.freeze({ elements: usable.reduce<number>((mask, each) => mask | bit(each), 0), minimumCell });
    limitsByTerms.set(terms, limits);
  }
  return limits;
}

/** Elements have numbers below 31; the bit of any other would be that of a smaller one. */
const bit = (number: number): number => (number > 0 && number < 31 ? 1 << number : 0);

/** Reads one field of a message: false when it must not be there. */
type Passes = (field: number, value: Uint8Array, wireType: number) => boolean;

function every(bytes: Uint8Array, passes: Passes): boolean {
  let good = true;
  const isMessage = walkFields(bytes, (field, start, end, wireType) => {
    good &&= passes(field, bytes.subarray(start, end), wireType);
  });
  return isMessage && good;
}

const MESSAGE = 2;
const numberIn = (value: Uint8Array): number => readVarint(value, 0)[0];

/** A field of a Resident has the number of its element. */
function isResident(bytes: Uint8Array, { elements }: AnswerLimits): boolean {
  return every(bytes, (field) => (elements & bit(field)) !== 0);
}

function isMatch(bytes: Uint8Array, { elements }: AnswerLimits): boolean {
  let element = 0;
  const good = every(bytes, (field, value) => {
    if (field === 1) element = numberIn(value);
    return field <= 3 && (field !== 1 || (elements & bit(element)) !== 0);
  });
  return good && element !== 0;
}

function isCell(bytes: Uint8Array, { minimumCell }: AnswerLimits): boolean {
  let count = 0;
  let suppressed = false;
  const good = every(bytes, (field, value) => {
    if (field === 2) count = numberIn(value);
    if (field === 3) suppressed = numberIn(value) !== 0;
    return field <= 3;
  });
  const isLarge = minimumCell > 0 && count >= minimumCell && Number.isSafeInteger(count);
  return good && (suppressed ? count === 0 : isLarge);
}

/** For each answer with data of residents: what its items are, how many at most, and which fields stand beside them. */
const shapes: ReadonlyMap<
  string,
  {
    isItem(bytes: Uint8Array, limits: AnswerLimits): boolean;
    most: 'ONE' | 'ROW_CAP' | 'ANY';
    beside: readonly number[];
  }
> = new Map([
  ['rangkiang.resident.v1.GetResidentResponse', { isItem: isResident, most: 'ONE', beside: [] }],
  ['rangkiang.resident.v1.GetFamilyResponse', { isItem: isResident, most: 'ROW_CAP', beside: [] }],
  ['rangkiang.resident.v1.VerifyResidentResponse', { isItem: isMatch, most: 'ANY', beside: [] }],
  ['rangkiang.resident.v1.AggregateResidentsResponse', { isItem: isCell, most: 'ANY', beside: [2] }],
]);

/**
 * Whether an answer of this type holds no element, no row and no count beyond the limits, and no field that the contract does
 * not know. `rows` is the most rows of residents. True for types that hold no data of residents. About 1 us.
 */
export function isWithin(responseType: string, body: Uint8Array, limits: AnswerLimits, rows: number): boolean {
  const shape = shapes.get(responseType);
  if (shape === undefined) return true;
  const most = shape.most === 'ONE' ? 1 : shape.most === 'ROW_CAP' ? rows : Number.POSITIVE_INFINITY;
  let items = 0;
  const good = every(body, (field, value, wireType) => {
    if (field !== 1) return shape.beside.includes(field);
    items += 1;
    return wireType === MESSAGE && shape.isItem(value, limits);
  });
  return good && items <= most;
}

/** The types of answers that are held against the grant. */
export const checkedAnswers: readonly string[] = [...shapes.keys()];
