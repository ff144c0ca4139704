import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { Metadata } from '@grpc/grpc-js';
import { beforeEach, describe, it } from 'mocha';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { Attempt } from '../../../broker/admission.ts';
import type { CallParts } from '../../../broker/calls.ts';
import { OpenStreams } from '../../../broker/open-streams.ts';
import { decide, type PolicyTime } from '../../../broker/policy/decide.ts';
import type { Snapshot } from '../../../broker/policy/snapshot.ts';
import { carryStream } from '../../../broker/streams.ts';
import { at, directiveOf, frozen, noon, snapshotOf, statuteOnly } from '../../support/policy.ts';

const WATCH = '/rangkiang.audit.v1.AuditService/WatchRecords';

/** One side of a stream, as the door and the forwarder show them. */
class Side extends EventEmitter {
  readonly request = Buffer.alloc(0);
  readonly written: Buffer[] = [];
  cancelled = false;
  write(body: Buffer): boolean {
    this.written.push(body);
    return true;
  }
  cancel(): void {
    this.cancelled = true;
  }
  end(): void {}
  pause(): void {}
  resume(): void {}
  sendMetadata(): void {}
}

describe('carryStream', () => {
  let snapshot: Snapshot;
  let time: PolicyTime;
  let streams: OpenStreams;
  let recorded: string[];
  let caller: Side;
  let upstream: Side;
  let ended: unknown[];

  beforeEach(() => {
    snapshot = statuteOnly;
    time = at(noon);
    streams = new OpenStreams();
    recorded = [];
    [caller, upstream] = [new Side(), new Side()];
    ended = [];
    caller.on('error', (error: { details: string }) => ended.push(error.details));
  });

  async function open(whileAdmitted: () => void = () => {}): Promise<void> {
    const metadata = new Metadata();
    metadata.set('rangkiang-purpose', 'PENGAWASAN');
    metadata.set('accept-language', 'en');
    const peer = { kind: 'OPD', opd: 'SECURITY', unit: 'PUSAT', system: 'layanan', serial: '0A', notAfterMs: Infinity };
    const parts: Partial<CallParts> = {
      policy: { current: () => ({ snapshot, time }) },
      decide,
      flood: { admits: () => true, denied: () => {}, hold: async () => {} },
      limits: { spendByStatute: () => {} } as never,
      streams,
      records: {
        ended: async (_: unknown, kind: string, { reason }: { reason: string }) => {
          recorded.push(`${kind} ${reason}`);
          return 7n;
        },
        note: (_: unknown, kind: number, reason: string) => recorded.push(`note ${kind} ${reason}`),
      } as never,
      onFault: () => {},
    };
    const attempt = new Attempt(WATCH, peer as never, undefined, metadata, 0);
    const carried = carryStream(
      attempt,
      caller as never,
      Date.now() + 10_000,
      { stream: () => upstream as never },
      parts as CallParts,
    );
    whileAdmitted();
    await carried;
    await setImmediate();
  }

  const freeze = async (system: string) => {
    const target = { $case: 'system' as const, value: { opd: 'SECURITY', unit: 'PUSAT', system } };
    return snapshotOf(frozen(directiveOf(target)));
  };

  it('passes messages on while the policy carries it, also when another one is installed', async () => {
    await open();
    upstream.emit('data', Buffer.from('a'));
    snapshot = await freeze('another');
    streams.recheck();
    upstream.emit('data', Buffer.from('b'));
    assert.deepEqual(caller.written.map(String), ['a', 'b']);
    assert.equal(upstream.cancelled, false);
    assert.deepEqual(recorded, []);
  });

  it('ends with PERMIT_CHANGED when the policy touches it, though no message is due, and is recorded', async () => {
    await open();
    snapshot = await freeze('layanan');
    streams.recheck();
    assert.equal(upstream.cancelled, true, 'the service is told in the same turn');
    upstream.emit('data', Buffer.from('late'));
    await setImmediate();
    // What still came was dropped, and noted so.
    assert.deepEqual(recorded, ['FAILED PERMIT_CHANGED', `note ${Kind.WITHHELD} PERMIT_CHANGED`]);
    assert.equal(ended.length, 1);
    assert.deepEqual(caller.written, []);
    streams.recheck();
    await setImmediate();
    assert.equal(ended.length, 1);
  });

  it('ends also when the policy changed while it was let in', async () => {
    const touched = await freeze('layanan');
    await open(() => {
      snapshot = touched;
    });
    assert.equal(upstream.cancelled, true);
    assert.deepEqual(recorded, ['FAILED PERMIT_CHANGED']);
  });

  it('lives through a lost lease without messages, and refuses the first message then', async () => {
    await open();
    time = { ...time, live: false };
    streams.recheck();
    assert.equal(upstream.cancelled, false);
    upstream.emit('data', Buffer.from('a'));
    await setImmediate();
    assert.equal(upstream.cancelled, true);
    assert.deepEqual(caller.written, []);
    assert(recorded.includes('FAILED POLICY_STALE'));
  });

  it('is forgotten when it has ended by itself', async () => {
    await open();
    upstream.emit('end');
    snapshot = await freeze('layanan');
    streams.recheck();
    await setImmediate();
    assert.deepEqual([recorded, ended], [[], []]);
  });
});
