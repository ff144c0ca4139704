import { randomUUID } from 'node:crypto';
import { type AccessRequest, allows, EVERY_UNIT, type Row } from './casbin.ts';

/**
 * Shows that a row, alone, allows the request that it is about, and not the same request with any one part replaced by
 * something random. Throws an Error otherwise: then Casbin does not do what we think, and the row must not count.
 */
export function proveRow(row: Row): void {
  const [permit = '', opd = '', units = '', method = '', purpose = ''] = row;
  const unit = units === EVERY_UNIT ? `X${randomUUID()}` : anyOf(JSON.parse(units));
  const own: AccessRequest = { permit, opd, unit, method, purpose };
  if (!allows([row], own)) throw new Error('a policy row does not allow its own request');
  const parts = Object.keys(own).filter((part) => part !== 'unit' || units !== EVERY_UNIT);
  for (const part of parts) {
    if (allows([row], { ...own, [part]: randomUUID() })) throw new Error(`a policy row does not bind its ${part}`);
  }
}

function anyOf(units: readonly string[]): string {
  return units[Math.floor(Math.random() * units.length)] ?? '';
}
