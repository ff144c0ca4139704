import { type CheckStoredResponse, StoredFaultCode } from '../../proto/gen/rangkiang/audit/v1/proof.ts';
import { LogFault, type LogFaultCode } from './verify-log.ts';

/** What was checked beside the log. */
export interface Beside {
  /** Records whose copies for queries are what they say. */
  readonly records: bigint;
  /** Sealed parts that are what the records commit to. */
  readonly opened: bigint;
  /** Records beside which something sealed was erased, or its time is over: of that nothing can be checked any more. */
  readonly gone: bigint;
}

const codes: ReadonlyMap<StoredFaultCode, LogFaultCode> = new Map([
  [StoredFaultCode.COLUMN, 'COLUMN'],
  [StoredFaultCode.SEALED, 'SEALED'],
  [StoredFaultCode.SEALED_MISSING, 'SEALED_MISSING'],
  [StoredFaultCode.CHECKPOINT, 'CHECKPOINT'],
]);

/** Has everything beside the records from `from` to `below` checked, page by page. Throws LogFault with the first fault. */
export async function verifyBeside(
  ask: (from: bigint) => Promise<CheckStoredResponse>,
  from: bigint,
  below: bigint,
): Promise<Beside> {
  let beside: Beside = { records: 0n, opened: 0n, gone: 0n };
  for (let next = from; ; ) {
    const { nextIndex, records, opened, gone, fault } = await ask(next);
    // A code that came after this program is a fault all the same.
    if (fault) throw new LogFault(codes.get(fault.code) ?? 'COLUMN', fault.index, fault.column);
    beside = { records: beside.records + records, opened: beside.opened + opened, gone: beside.gone + gone };
    if (nextIndex >= below) return beside;
    // The service knows of no head that holds more.
    if (nextIndex === next) throw new LogFault('ENTRY', next);
    next = nextIndex;
  }
}
