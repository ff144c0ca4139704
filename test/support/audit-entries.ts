import { randomBytes } from 'node:crypto';
import type { Entry } from '#gen/rangkiang/audit/v1/audit.ts';
import { Kind, Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { sealEntry } from '#mesh/leaf.ts';

const NO_CONTEXT = { operator: '', caseNumber: '', searchTerms: '' };

/** A leaf of a disclosure by the health office, or what `changes` say. */
export function someLeaf(changes: Partial<Leaf> = {}): Leaf {
  return Leaf.create({
    eventId: randomBytes(16),
    timeUs: 1_790_000_000_000_000n,
    kind: Kind.DISCLOSED,
    opd: 'DKK',
    unit: 'PKM-LUBUK-BUAYA',
    method: '/rangkiang.resident.v1.ResidentService/GetResident',
    writer: 'resident',
    ...changes,
  });
}

/** An entry of one record, as a process of the mesh makes it. */
export function someEntry(changes: Partial<Leaf> = {}, subjects: string[] = [], context = {}): Entry {
  return sealEntry(someLeaf(changes), subjects, { ...NO_CONTEXT, ...context });
}
