import type { Cost } from '#mesh/contract.ts';
import { MeshError } from '#mesh/errors.ts';

function readVarint(bytes: Uint8Array, offset: number): [value: number, next: number] {
  let value = 0;
  let factor = 1;
  for (let at = offset; at < bytes.length && at < offset + 10; at += 1) {
    const byte = bytes[at] as number;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return [value, at + 1];
    factor *= 128;
  }
  throw new MeshError('REQUEST_MALFORMED');
}

const SKIP: Readonly<Record<number, (bytes: Uint8Array, at: number) => number>> = {
  0: (bytes, at) => readVarint(bytes, at)[1],
  1: (_, at) => at + 8,
  2: (bytes, at) => {
    const [length, next] = readVarint(bytes, at);
    return next + length;
  },
  5: (_, at) => at + 4,
};

/** Counts how often a repeated message or string field stands at the top level, without decoding what it holds. */
export function countField(bytes: Uint8Array, field: number): number {
  let count = 0;
  let at = 0;
  while (at < bytes.length) {
    const [tag, next] = readVarint(bytes, at);
    if (Math.floor(tag / 8) === field) count += 1;
    at = SKIP[tag % 8]?.(bytes, next) ?? Number.POSITIVE_INFINITY;
  }
  if (at !== bytes.length) throw new MeshError('REQUEST_MALFORMED');
  return count;
}

/** Rows to reserve before a call is forwarded. `rowCap` is the permit's, 0 for none. */
export function rowsToReserve(cost: Cost, body: Uint8Array, rowCap: number): number {
  switch (cost.kind) {
    case 'NONE':
      return 0;
    case 'PER_CALL':
      return cost.rows;
    case 'PER_ITEM':
      return Math.max(1, countField(body, cost.field));
    case 'AT_MOST':
      return rowCap > 0 ? Math.min(cost.rows, rowCap) : cost.rows;
  }
}

/** Rows to give back when the answer held `rows`. Asking costs one row even when nothing is found. */
export function rowsToRefund(cost: Cost, reserved: number, rows: number): number {
  return cost.kind === 'AT_MOST' ? Math.max(0, reserved - Math.max(1, rows)) : 0;
}
