import type { Caller } from '../client/caller.ts';
import { readPermit } from '../permits/flow.ts';

/** The numbers of permits in the Walikota's register, by id: the log knows ids only. Statute has no number. */
export async function permitNumbers(caller: Caller, permits: Iterable<string>): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(permits)].filter((permit) => permit !== 'STATUTE');
  const read = await Promise.all(ids.map((id) => readPermit(caller, id)));
  return new Map(read.map(({ permitId, izin }) => [permitId, izin?.number ?? '']));
}
