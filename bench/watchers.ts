import { Caller, rawDefinition } from '../cli/client/caller.ts';
import { methods } from '../mesh/contract.ts';
import type { TlsFiles } from '../mesh/tls.ts';
import { WatchRecordsRequest } from '../proto/gen/rangkiang/audit/v1/audit.ts';

// Programs of the security team that follow everything, in a process of their own, as bytes: what they make of the records is
// not the mesh's cost.

const [address = '', tls = '', count = ''] = process.argv.slice(2);
const files: TlsFiles = JSON.parse(tls);
const method = methods.get('/rangkiang.audit.v1.AuditService/WatchRecords');
if (!method) throw new Error('the contract has no WatchRecords');
const request = WatchRecordsRequest.encode({ fromIndex: undefined, filter: undefined }).finish();
let bytes = 0;
let open = 0;

/** Each reader has a connection of its own. */
async function watch(): Promise<void> {
  const caller = new Caller({ address, tls: files, locale: 'en' });
  let isOpen = false;
  for await (const answer of caller.stream(rawDefinition(method as NonNullable<typeof method>), request, {
    purpose: 'PENGAWASAN',
  })) {
    bytes += answer.length;
    if (isOpen) continue;
    isOpen = true;
    open += 1;
    if (open === Number(count)) process.send?.('watching');
  }
}

process.on('message', () => process.send?.(bytes));
await Promise.all(Array.from({ length: Number(count) }, watch));
