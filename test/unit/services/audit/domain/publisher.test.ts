import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'mocha';
import { type Head, LOG_ORIGIN, openCheckpoint, signCheckpoint } from '#mesh/tlog/checkpoint.ts';
import { EMPTY_ROOT } from '#mesh/tlog/hash.ts';
import { logSigner, openNote, verifierOf, WITNESS_NAME, witnessSigner } from '#mesh/tlog/note.ts';
import { Tree } from '#mesh/tlog/tree.ts';
import { Witness } from '../../../../../cli/witness/witness.ts';
import { Publisher, type WitnessReply } from '../../../../../services/audit/domain/publisher.ts';
import { naiveTile } from '../../../../support/naive-tree.ts';

const logKey = logSigner(LOG_ORIGIN, randomBytes(32));
const LIMIT_MS = 900_000;

/** A log, a witness with a clock, and a publisher between them. */
function city(published = '') {
  const leaves: Buffer[] = [];
  const clock = { nowMs: 1_790_000_000_000 };
  const witnessKey = witnessSigner(WITNESS_NAME, randomBytes(32), () => clock.nowMs);
  let memory = '';
  const witness = new Witness(verifierOf(logKey.verifierKey), witnessKey, {
    load: () => memory,
    save: (text) => (memory = text),
  });
  const state = { isAway: false, saved: '', alarms: [] as unknown[] };
  const heads = { head: { size: 0n, root: EMPTY_ROOT } as Head, checkpoint: '', adopt: async () => {} };
  const tree = (size: bigint) =>
    new Tree(size, async ({ level, index, width }) => naiveTile(leaves, level, index, width));
  const keys = { log: verifierOf(logKey.verifierKey), witness: verifierOf(witnessKey.verifierKey) };
  const note = (facts: unknown) => state.alarms.push((facts as { alarm?: string }).alarm);
  const open = (last: string) =>
    new Publisher(
      {
        heads,
        tree,
        keys,
        witness: async (old, proof, checkpoint): Promise<WitnessReply> => {
          if (state.isAway) throw new Error('away');
          const lines = [`old ${old}`, ...proof.map((hash) => hash.toString('base64')), '', checkpoint];
          const answer = witness.addCheckpoint(lines.join('\n'));
          if (answer.status === 409) return { size: BigInt(answer.body.trim()) };
          if (answer.status === 422) return { isInconsistent: true };
          if (answer.status !== 200) throw new Error(`${answer.status}`);
          return { cosignature: answer.body };
        },
        save: async (text) => {
          state.saved = text;
        },
        limitMs: LIMIT_MS,
        nowMs: () => clock.nowMs,
        measureAge: () => {},
        log: { info: () => {}, warn: note, error: note } as never,
      },
      last,
    );
  const grow = async (count: number) => {
    leaves.push(...Array.from({ length: count }, () => randomBytes(32)));
    const head = { size: BigInt(leaves.length), root: await tree(BigInt(leaves.length)).root() };
    Object.assign(heads, { head, checkpoint: signCheckpoint(head, logKey) });
  };
  return { publisher: open(published), open, grow, clock, state, keys, leaves, heads };
}

describe('Publisher', () => {
  it('publishes each head with the cosignature of the witness, and goes on after a restart', async () => {
    const { publisher, open, grow, state, keys } = city();
    await publisher.publishOnce();
    assert.equal(publisher.checkpoint, '');
    await grow(3);
    await publisher.publishOnce();
    await grow(300);
    await publisher.publishOnce();
    assert.equal(openCheckpoint(publisher.checkpoint, keys.log).size, 303n);
    assert.equal(openNote(publisher.checkpoint, [keys.log, keys.witness]).signedBy.length, 2);
    assert.equal(state.saved, publisher.checkpoint);
    const again = open(state.saved);
    assert.equal(again.checkpoint, state.saved);
    await grow(1);
    await again.publishOnce();
    assert.equal(openCheckpoint(again.checkpoint, keys.log).size, 304n);
    // Another replica, which knows nothing of what was published.
    await grow(1);
    const other = open('');
    await other.publishOnce();
    assert.equal(openCheckpoint(other.checkpoint, keys.log).size, 305n);
  });

  it('closes the log when the witness is silent for too long, and opens it when it is back', async () => {
    const { publisher, grow, clock, state } = city();
    await grow(3);
    await publisher.publishOnce();
    state.isAway = true;
    await grow(1);
    clock.nowMs += LIMIT_MS - 1;
    await assert.rejects(publisher.publishOnce(), /away/);
    assert.equal(publisher.isOpen, true);
    clock.nowMs += 1;
    assert.equal(publisher.isOpen, false);
    const opened = publisher.opened();
    state.isAway = false;
    await publisher.publishOnce();
    await opened;
    assert.equal(publisher.isOpen, true);
  });

  it('has a log that does not grow cosigned again, so that silence of the witness is seen', async () => {
    const { publisher, grow, clock } = city();
    await grow(3);
    for (let minutes = 0; minutes < 60; minutes++) {
      await publisher.publishOnce();
      assert.equal(publisher.isOpen, true);
      clock.nowMs += 60_000;
    }
  });

  for (const [what, size, alarm] of [
    ['has seen more', 10, 'WITNESS_AHEAD'],
    ['has seen another log of this size', 20, 'WITNESS_FORKED'],
    ['has seen another log than this, which has grown since', 30, 'WITNESS_FORKED'],
  ] as const) {
    it(`publishes nothing and closes the log at once when the witness ${what}`, async () => {
      const { publisher, grow, leaves, state } = city();
      await grow(20);
      await publisher.publishOnce();
      const last = publisher.checkpoint;
      const seen = leaves.splice(0);
      await grow(size);
      for (let times = 0; times < 2; times++) await assert.rejects(publisher.publishOnce(), /the witness has seen/);
      assert.deepEqual([publisher.checkpoint, publisher.isOpen, state.alarms], [last, false, [alarm]]);
      const opened = publisher.opened();
      leaves.splice(0, Infinity, ...seen);
      await grow(1);
      await publisher.publishOnce();
      await opened;
      assert.equal(publisher.isOpen, true);
    });
  }

  it('takes no alarm from a head that another replica had signed and cosigned first', async () => {
    const { publisher, open, grow, heads, clock, state } = city();
    await grow(20);
    await publisher.publishOnce();
    const other = open(state.saved);
    const { head, checkpoint } = heads;
    await grow(5);
    const newest = { head: heads.head, checkpoint: heads.checkpoint };
    await other.publishOnce();
    // The signer knows the newest; this replica has not asked it yet.
    Object.assign(heads, { head, checkpoint, adopt: async () => Object.assign(heads, newest) });
    clock.nowMs += 60_000;
    await publisher.publishOnce();
    assert.deepEqual([publisher.isOpen, state.alarms], [true, []]);
    assert.equal(publisher.checkpoint.startsWith(newest.checkpoint), true);
  });

  it('lets go whoever waits for a closed log when it is stopped', async () => {
    const { publisher, clock } = city();
    clock.nowMs += LIMIT_MS;
    const opened = publisher.opened();
    await publisher.run(AbortSignal.abort());
    await opened;
    await publisher.opened();
  });
});
