import { Kind, Leaf, Sign } from '#gen/rangkiang/audit/v1/leaf.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';
import type { ToldRecord } from '../../../../cli/export/sinks.ts';

/** A record whose every byte is known. */
export function told(index: number, changes: Partial<Leaf> = {}): ToldRecord {
  const leaf = Leaf.create({
    eventId: Buffer.alloc(16, index),
    timeUs: 1_790_000_000_123_456n,
    kind: Kind.DISCLOSED,
    opd: 'DKK',
    unit: 'PKM-LUBUK-BUAYA',
    system: 'simpus',
    operatorPseudonym: 'a1'.repeat(16),
    permit: '3f0c2f0e-6f0b-4c57-9d5c-0f0f0f0f0f0f',
    policyVersion: 12n,
    purpose: Purpose.PELAYANAN_PUBLIK,
    method: '/rangkiang.resident.v1.ResidentService/GetResident',
    elements: [Element.NIK, Element.NAMA_LENGKAP],
    rows: 1,
    traceId: Buffer.alloc(16, 0xcc),
    subjectCount: 1,
    writer: 'resident',
    requestId: '0d5a4a3e-70c2-4f0b-8b47-3b1f6c1c9d11',
    ...changes,
  });
  return { index: BigInt(index), leaf, leafBytes: Buffer.alloc(0), leafHash: Buffer.alloc(32, 0xaa) };
}

const nobody = {
  operatorPseudonym: '',
  permit: '',
  policyVersion: 0n,
  elements: [],
  rows: 0,
  subjectCount: 0,
  requestId: '',
};

/** One record of each shape, in the order of the golden files. */
export const toldRecords: readonly ToldRecord[] = [
  told(1),
  told(2, { ...nobody, kind: Kind.DENIED, reason: 'NO_PERMIT', writer: 'broker' }),
  told(3, { ...nobody, kind: Kind.REFUSALS, method: '', unit: '', system: '', opd: '', count: 400, purpose: 0 }),
  told(4, { kind: Kind.EMPTY, note: { signs: [Sign.NIK_NEIGHBOUR], causedBy: [], remark: '' }, rows: 0 }),
  told(5, {
    kind: Kind.ALERT,
    reason: 'NIK_SEQUENCE',
    count: 10,
    refersTo: Buffer.alloc(16, 4),
    note: { signs: [], causedBy: [3n, 4n], remark: '' },
  }),
  told(6, { ...nobody, kind: 250 as Kind, method: 'unknown' }),
];
