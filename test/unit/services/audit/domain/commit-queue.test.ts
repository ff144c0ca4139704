import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { EntryRefused } from '../../../../../services/audit/domain/check-entry.ts';
import { CommitQueue, type Committer, type Item } from '../../../../../services/audit/domain/commit-queue.ts';

type Ending = 'COMMITS' | 'FAILS' | 'COMMITS_UNSEEN';

/** The log as a model: dense, idempotent, all or nothing; `script` says how each attempt ends. */
class ModelLog implements Committer<Item, number> {
  readonly ids: string[] = [];
  readonly batches: string[][] = [];
  readonly told: string[] = [];
  readonly poison = new Set<string>();
  script: Ending[] = [];
  /** Commits wait for it. */
  gate: Promise<void> = Promise.resolve();
  running = 0;

  async commit(items: readonly Item[]): Promise<number[]> {
    this.running++;
    assert.equal(this.running, 1, 'two commits at once');
    await this.gate;
    this.running--;
    const ids = items.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length, 'an id twice in one batch');
    this.batches.push(ids);
    if (ids.some((id) => this.poison.has(id))) throw new EntryRefused('poison');
    const ending = this.script.shift() ?? 'COMMITS';
    if (ending === 'FAILS') throw new Error('connection lost');
    for (const id of ids) if (!this.ids.includes(id)) this.ids.push(id);
    if (ending === 'COMMITS_UNSEEN') throw new Error('connection lost after the commit');
    return ids.map((id) => this.ids.indexOf(id));
  }

  onFailing() {
    this.told.push('failing');
  }

  onRecovered() {
    this.told.push('recovered');
  }
}

const item = (id: string | number, bytes = 1): Item => ({ id: String(id), bytes });
const settled = (promises: Promise<number>[]) => Promise.allSettled(promises);

describe('CommitQueue', () => {
  it('gives each id one index without gaps, whatever is repeated and however attempts end', async () => {
    const ending = fc.constantFrom<Ending>('COMMITS', 'FAILS', 'COMMITS_UNSEEN');
    const ids = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(fc.array(ids, { maxLength: 5 }), fc.array(ending, { maxLength: 8 }), async (turns, script) => {
        const log = new ModelLog();
        log.script = [...script];
        const queue = new CommitQueue(log, { batchItems: 7, retryMs: 0 });
        const answers: { id: string; index: Promise<number> }[] = [];
        for (const turn of turns) {
          for (const id of turn) answers.push({ id: String(id), index: queue.add(item(id)) });
          await new Promise(setImmediate);
        }
        for (const { id, index } of answers) assert.equal(log.ids[await index], id);
        assert.deepEqual(new Set(log.ids), new Set(turns.flat().map(String)));
        assert.equal(new Set(log.ids).size, log.ids.length);
        await queue.close();
      }),
    );
  });

  it('makes one batch of what arrives in one turn, and the next of what arrives meanwhile', async () => {
    const log = new ModelLog();
    const queue = new CommitQueue(log);
    const gate = Promise.withResolvers<void>();
    log.gate = gate.promise;
    const all = [queue.add(item('a')), queue.add(item('b'))];
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    all.push(queue.add(item('c')), queue.add(item('d')));
    gate.resolve();
    await Promise.all(all);
    assert.deepEqual(log.batches, [
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('keeps batches within their bounds', async () => {
    const log = new ModelLog();
    const queue = new CommitQueue(log, { batchItems: 3, batchBytes: 10 });
    await Promise.all([queue.add(item(1, 9)), queue.add(item(2, 9)), ...[3, 4, 5, 6].map((id) => queue.add(item(id)))]);
    assert.deepEqual(log.batches, [['1', '2'], ['3', '4', '5'], ['6']]);
  });

  it('has no room while too much waits, and tells when there is room again', async () => {
    const log = new ModelLog();
    const queue = new CommitQueue(log, { batchItems: 1, waitingBytes: 10 });
    const gate = Promise.withResolvers<void>();
    log.gate = gate.promise;
    const all = [queue.add(item(1, 9)), queue.add(item(2, 9))];
    assert.equal(queue.hasRoom, false);
    const room = queue.room();
    gate.resolve();
    await room;
    assert.equal(queue.hasRoom, true);
    await Promise.all(all);
  });

  it('has no room while commits fail, tells so once, and goes on by itself', async () => {
    const log = new ModelLog();
    log.script = ['FAILS', 'FAILS', 'COMMITS_UNSEEN'];
    const queue = new CommitQueue(log, { retryMs: 1 });
    const added = queue.add(item(1));
    while (log.batches.length === 0) await new Promise(setImmediate);
    await new Promise(setImmediate);
    assert.equal(queue.hasRoom, false);
    await queue.room();
    assert.equal(await added, 0);
    assert.deepEqual(log.told, ['failing', 'recovered']);
  });

  it('rejects only the items that can never be committed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(40), { minLength: 1 }), fc.array(fc.nat(40)), async (ids, poison) => {
        const log = new ModelLog();
        for (const id of poison) log.poison.add(String(id));
        const queue = new CommitQueue(log, { batchItems: 16 });
        const outcomes = await settled(ids.map((id) => queue.add(item(id))));
        for (const [at, id] of ids.entries()) {
          assert.equal(outcomes[at]?.status, log.poison.has(String(id)) ? 'rejected' : 'fulfilled');
        }
        assert.equal(queue.hasRoom, true);
        assert.deepEqual(log.told, []);
      }),
    );
  });

  it('commits what waits before it closes, and takes nothing more', async () => {
    const log = new ModelLog();
    const queue = new CommitQueue(log);
    const added = queue.add(item(1));
    await queue.close();
    assert.equal(await added, 0);
    await assert.rejects(queue.add(item(2)));
  });

  it('gives up at the first failure once it closes, and lets go of those who wait for room', async () => {
    const log = new ModelLog();
    log.script = Array(20).fill('FAILS');
    const queue = new CommitQueue(log, { retryMs: 1, batchItems: 1 });
    const added = settled([queue.add(item(1)), queue.add(item(2))]);
    while (log.batches.length === 0) await new Promise(setImmediate);
    await new Promise(setImmediate);
    const room = queue.room();
    await queue.close();
    await room;
    assert.deepEqual(
      (await added).map(({ status }) => status),
      ['rejected', 'rejected'],
    );
  });
});
