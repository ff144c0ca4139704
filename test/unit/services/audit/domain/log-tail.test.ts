import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, it } from 'mocha';
import { LogTail } from '../../../../../services/audit/domain/log-tail.ts';

const HOUR_MS = 3_600_000;
const { signal: never } = new AbortController();

describe('LogTail', () => {
  it('passes on all that it saw in a quiet time as one piece of news', async () => {
    let news = 0;
    const tail = new LogTail(1, () => news++);
    const waiters = [tail.beyond(0n, HOUR_MS, never), tail.beyond(0n, HOUR_MS, never)];
    for (const size of [3n, 5n, 4n]) tail.seen(size);
    assert.equal(tail.size, 0n);
    await Promise.all(waiters);
    assert.equal(tail.size, 5n);
    assert.equal(news, 1);
  });

  it('never shrinks, and what it has seen before is no news', async () => {
    let news = 0;
    const tail = new LogTail(1, () => news++);
    tail.seen(5n);
    await tail.beyond(0n, HOUR_MS, never);
    tail.seen(5n);
    tail.seen(2n);
    await tail.beyond(5n, 5, never);
    assert.equal(tail.size, 5n);
    assert.equal(news, 1);
  });

  it('lets nobody wait for what is there, for ever, or after an abort', async () => {
    const tail = new LogTail(1, () => {});
    tail.seen(1n);
    await tail.beyond(0n, HOUR_MS, never);
    await tail.beyond(0n, HOUR_MS, never);
    await tail.beyond(1n, 1, never);
    await tail.beyond(1n, HOUR_MS, AbortSignal.abort());
    const abort = new AbortController();
    const waiting = tail.beyond(1n, HOUR_MS, abort.signal);
    abort.abort();
    await waiting;
  });

  it('leaves no listener behind on a signal that lives as long as its watch', async () => {
    const tail = new LogTail(1, () => {});
    const abort = new AbortController();
    for (let round = 0; round < 3; round++) await tail.beyond(0n, 1, abort.signal);
    assert.equal(getEventListeners(abort.signal, 'abort').length, 0);
  });
});
