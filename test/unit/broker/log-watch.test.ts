import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'mocha';
import { MeshError } from '#mesh/errors.ts';
import type { Memory } from '#mesh/memory-file.ts';
import { LOG_ORIGIN, signCheckpoint } from '#mesh/tlog/checkpoint.ts';
import { logSigner, verifierOf } from '#mesh/tlog/note.ts';
import { Tree } from '#mesh/tlog/tree.ts';
import { LogWatch } from '../../../broker/log-watch.ts';
import { someEntry } from '../../support/audit-entries.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { naiveTile } from '../../support/naive-tree.ts';

const key = logSigner(LOG_ORIGIN, randomBytes(32));

class Page implements Memory {
  text = '';
  load() {
    return this.text;
  }
  save(text: string) {
    this.text = text;
  }
}

/** An audit service with this log, whose key signs whatever it holds. */
class Log {
  leaves: Buffer[] = [];
  isAway = false;
  signer = key;

  grow(count: number): void {
    this.leaves.push(...Array.from({ length: count }, () => randomBytes(32)));
  }

  tree(size = this.leaves.length): Tree {
    return new Tree(BigInt(size), async ({ level, index, width }) => naiveTile(this.leaves, level, index, width));
  }

  async checkpoint(size = this.leaves.length): Promise<string> {
    return size === 0 ? '' : signCheckpoint({ size: BigInt(size), root: await this.tree(size).root() }, this.signer);
  }

  follow = async ({ knownSize, size }: { knownSize: bigint; size: bigint }) => {
    if (this.isAway) throw new MeshError('SERVICE_UNAVAILABLE');
    const tree = this.tree(Number(size) || undefined);
    return {
      checkpoint: await this.checkpoint(),
      proof: knownSize < tree.size ? await tree.consistencyProof(knownSize) : [],
    };
  };
}

function watch(log: Log, memory: Memory = new Page()) {
  const alarms: unknown[] = [];
  const watch = new LogWatch({
    follow: log.follow,
    verifier: verifierOf(key.verifierKey),
    memory,
    timer: () => () => {},
    onBroken: () => alarms.push('BROKEN'),
    log: { error: (facts: unknown) => alarms.push((facts as { alarm: string }).alarm) } as never,
  });
  return { watch, alarms };
}

describe('LogWatch', () => {
  it('lets through while the log goes on, or does not answer', async () => {
    const log = new Log();
    const { watch: watching, alarms } = watch(log);
    for (const more of [0, 1, 0, 300, 5]) {
      log.grow(more);
      await watching.look();
      log.isAway = !log.isAway;
    }
    assert.deepEqual([watching.isBroken, alarms], [false, []]);
    const audit = new MemoryLog();
    await watching.guard(audit).append(someEntry());
    assert.equal(audit.leaves.length, 1);
  });

  const tampering: Record<string, [(log: Log) => void, string]> = {
    'went back': [(log) => log.leaves.splice(-1), 'LOG_WENT_BACK'],
    vanished: [(log) => log.leaves.splice(0), 'LOG_NOT_SIGNED'],
    'was rewritten and signed with the real key': [(log) => log.leaves.splice(7, 1, randomBytes(32)), 'LOG_FORKED'],
    'was rewritten and has grown': [
      (log) => {
        log.leaves.splice(7, 1, randomBytes(32));
        log.grow(9);
      },
      'LOG_FORKED',
    ],
    'is signed by another key': [
      (log) => {
        log.signer = logSigner(LOG_ORIGIN, randomBytes(32));
        log.grow(1);
      },
      'LOG_NOT_SIGNED',
    ],
  };
  for (const [what, [tamper, alarm]] of Object.entries(tampering)) {
    it(`lets nothing through once the log ${what}, also after a restart`, async () => {
      const log = new Log();
      const memory = new Page();
      log.grow(20);
      await watch(log, memory).watch.look();
      tamper(log);
      const { watch: watching, alarms } = watch(log, memory);
      await watching.look();
      await watching.look();
      assert.equal(watching.isBroken, true);
      assert.deepEqual(alarms, [alarm, 'BROKEN']);
      await assert.rejects(watching.guard(new MemoryLog()).append(someEntry()), { reason: 'AUDIT_UNAVAILABLE' });
    });
  }

  it('holds the heads that came with acknowledgements against the log', async () => {
    const log = new Log();
    log.grow(20);
    const { watch: watching } = watch(log);
    await watching.look();
    log.grow(20);
    watching.told(await log.checkpoint());
    log.grow(20);
    await watching.look();
    await watching.look();
    assert.equal(watching.isBroken, false);
    const other = new Log();
    other.grow(70);
    watching.told(await other.checkpoint());
    log.grow(20);
    await watching.look();
    assert.equal(watching.isBroken, true);
  });
});
