import { randomBytes } from 'node:crypto';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';
import { type Appender, makeEntry, newDraft } from '#mesh/record.ts';
import type { Peer } from '#mesh/spiffe.ts';

const NO_TRACE = Buffer.alloc(16);

/** Records that somebody reads entries over HTTPS, where no broker stands between. */
export async function recordReader(audit: Appender, peer: Peer): Promise<void> {
  if (peer.kind !== 'OPD') throw new Error('a process of the mesh reads no entries');
  const { opd, unit, system } = peer;
  const grant = Grant.create({
    callId: randomBytes(16),
    permit: 'STATUTE',
    purpose: Purpose.PENGAWASAN,
    opd,
    unit,
    system,
  });
  const facts = { kind: Kind.READ, method: '/tile/entries', writer: 'audit', traceId: NO_TRACE };
  await audit.append(makeEntry(grant, newDraft(), facts));
}
