import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { AppendRequest, Entry } from '#gen/rangkiang/audit/v1/audit.ts';
import { createLogger } from '#mesh/log.ts';
import type { CallContext } from '#mesh/server.ts';
import type { LogWriter } from '../../../../../services/audit/domain/log-writer.ts';
import { append } from '../../../../../services/audit/handlers/append.ts';
import { someEntry } from '../../../../support/audit-entries.ts';

const niks = Array.from({ length: 500 }, (_, at) => String(1_371_010_101_000_000n + BigInt(at)));

/** In which turn of the event loop each entry of one message was written. */
async function turnsOf(entries: Entry[]): Promise<number[]> {
  let turn = 0;
  const turns: number[] = [];
  const writer = {
    room: async () => {},
    write: async ({ leaf }: Entry) => {
      turns.push(turn);
      return { eventId: leaf.subarray(2, 18), index: 0n, leafHash: leaf };
    },
  } as unknown as LogWriter;
  async function* requests(): AsyncGenerator<AppendRequest> {
    yield { entries };
  }
  const call = { signal: new AbortController().signal } as CallContext;
  const answers = append(writer, { checkpoint: '' }, new AbortController().signal, createLogger('audit', 'fatal'));
  let isOver = false;
  const count = () => {
    turn++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  let acknowledged = 0;
  for await (const answer of answers(requests(), call)) acknowledged += answer.acknowledgements.length;
  isOver = true;
  assert.equal(acknowledged, entries.length);
  return turns;
}

describe('append', () => {
  it('writes the entries of a message in one turn, so that they are committed together', async () => {
    assert.equal(new Set(await turnsOf([1, 2, 3].map(() => someEntry({}, niks.slice(0, 1))))).size, 1);
  });

  it('lets others have their turn between entries about hundreds of residents', async () => {
    assert.equal(new Set(await turnsOf([1, 2, 3].map(() => someEntry({}, niks)))).size, 3);
  });
});
