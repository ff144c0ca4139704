import type { Cost } from '#mesh/contract.ts';
import { MeshError } from '#mesh/errors.ts';
import { walkFields } from './wire.ts';

/** Counts how often a repeated message or string field stands at the top level, without decoding what it holds. */
export function countField(bytes: Uint8Array, field: number): number {
  let count = 0;
  const isMessage = walkFields(bytes, (each) => {
    if (each === field) count += 1;
  });
  if (!isMessage) throw new MeshError('REQUEST_MALFORMED');
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
