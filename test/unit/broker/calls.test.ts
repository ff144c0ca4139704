import assert from 'node:assert/strict';
import { status as GrpcStatus, Metadata } from '@grpc/grpc-js';
import { beforeEach, describe, it } from 'mocha';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import { GetResidentRequest, GetResidentResponse } from '#gen/rangkiang/resident/v1/resident.ts';
import { MeshError, reasonOf, toStatus } from '#mesh/errors.ts';
import { Attempt } from '../../../broker/admission.ts';
import { type CallParts, carryUnary } from '../../../broker/calls.ts';
import type { Answer } from '../../../broker/forward.ts';
import { decide, type PolicyTime } from '../../../broker/policy/decide.ts';
import { parseAddress } from '../../../broker/policy/networks.ts';
import type { Snapshot } from '../../../broker/policy/snapshot.ts';
import { at, issued, izinOf, noon, residentMethods, revoked, snapshotOf } from '../../support/policy.ts';

const izin = izinOf();
const body = Buffer.from(GetResidentRequest.encode({ nik: '1371010101900001', elements: [] }).finish());
const shown = Buffer.from(
  GetResidentResponse.encode(
    GetResidentResponse.fromPartial({ resident: { nik: '1371010101900001', namaLengkap: 'WARGA' } }),
  ).finish(),
);
const answered: Answer = {
  body: shown,
  code: 0,
  message: '',
  status: Buffer.alloc(0),
  auditIndexPlusOne: 8n,
  rows: 1,
  wrongGuess: false,
};

describe('carryUnary', () => {
  let before: Snapshot;
  let after: Snapshot;
  let snapshot: Snapshot;
  let time: PolicyTime;
  let events: string[];
  /** What the policy and the service do at each moment of the call. */
  let moments: Partial<Record<'queued' | 'decided' | 'running' | 'answered', () => void>>;
  let answer: () => Answer;
  let faults: unknown[];

  beforeEach(async () => {
    before = await snapshotOf(issued(izin));
    after = await snapshotOf(issued(izin), revoked(izin.permitId));
    [snapshot, time, events, moments, faults] = [before, at(noon), [], {}, []];
    answer = () => answered;
  });

  /** Carries one call; its outcome is a reason, or the bytes that left. */
  async function carry(): Promise<string> {
    const metadata = new Metadata();
    metadata.set('rangkiang-purpose', 'PELAYANAN_PUBLIK');
    const peer = { kind: 'OPD', opd: 'DKK', unit: 'PKM-PAUH', system: 'simpus', serial: '0A', notAfterMs: Infinity };
    const attempt = new Attempt(residentMethods.get, peer as never, parseAddress('10.20.0.7'), metadata, 0);
    const debit = {
      refund: (rows: number) => {
        events.push(`refunded ${rows}`);
      },
    };
    const parts: Partial<CallParts> = {
      policy: { current: () => ({ snapshot, time }) },
      decide: (...asked) => {
        const decision = decide(...asked);
        moments.decided?.();
        return decision;
      },
      flood: { admits: () => true, denied: () => {}, hold: async () => {} },
      limits: { spend: () => ({ ended: () => {} }), spendByStatute: () => {} } as never,
      quota: {
        // More must be reserved: the call waits.
        debit: async () => {
          await Promise.resolve();
          moments.queued?.();
          return debit;
        },
      },
      records: {
        ended: async (_: unknown, kind: string, { reason }: { reason: string }) => {
          events.push(`${kind} ${reason}`);
          return 7n;
        },
        note: (_: unknown, kind: number, reason: string) => events.push(`note ${kind} ${reason}`),
      } as never,
      onFault: (error) => faults.push(error),
    };
    let outcome = '';
    const forward = (_: Buffer, { grant }: { grant: Buffer }) => {
      assert.equal(Grant.decode(grant).permit, izin.permitId);
      events.push('forwarded');
      const running = async () => {
        await Promise.resolve();
        moments.running?.();
        await Promise.resolve();
        moments.answered?.();
        return answer();
      };
      return { answer: running(), wasSent: () => true, cancel: () => {} };
    };
    const hooks = {
      started: () => {},
      deliver: (refusal: { metadata?: Metadata } | null, bytes?: Buffer) => {
        const details = refusal?.metadata?.get('grpc-status-details-bin')[0] as Buffer;
        outcome = refusal ? (reasonOf(details) ?? 'no reason') : `answered ${bytes?.toString('hex')}`;
      },
    };
    await carryUnary(attempt, body, Date.now() + 5_000, forward as never, hooks as never, parts as CallParts);
    return outcome;
  }

  const revoke = () => {
    snapshot = after;
  };

  it('answers while the permit stands', async () => {
    assert.equal(await carry(), `answered ${shown.toString('hex')}`);
    assert.deepEqual(events, ['forwarded', 'refunded 0']);
  });

  it('asks no service when its permit is revoked while it is queued for its quota, and gives the rows back', async () => {
    moments.queued = revoke;
    assert.equal(await carry(), 'PERMIT_CHANGED');
    assert.deepEqual(events, ['refunded 1', 'DENIED PERMIT_CHANGED']);
  });

  it('asks no service when its permit is revoked just after it was decided', async () => {
    moments.decided = revoke;
    assert.equal(await carry(), 'PERMIT_CHANGED');
    assert.deepEqual(events, ['refunded 1', 'DENIED PERMIT_CHANGED']);
  });

  for (const moment of ['running', 'answered'] as const) {
    it(`drops the answer when its permit is revoked while it is ${moment}, and notes so`, async () => {
      moments[moment] = revoke;
      assert.equal(await carry(), 'PERMIT_CHANGED');
      const notes = [`note ${Kind.WITHHELD} PERMIT_CHANGED`, 'FAILED PERMIT_CHANGED'];
      assert.deepEqual(events, ['forwarded', 'refunded 0', ...notes]);
    });
  }

  it('drops the answer when the lease ended at any moment', async () => {
    for (const moment of ['queued', 'decided', 'running', 'answered'] as const) {
      [time, moments] = [at(noon), {}];
      moments[moment] = () => {
        time = { ...time, live: false };
      };
      assert.equal(await carry(), 'POLICY_STALE', moment);
    }
  });

  const lies: Record<string, [() => Partial<Answer>, string]> = {
    'without the index of a record': [() => ({ auditIndexPlusOne: 0n }), 'AUDIT_UNAVAILABLE'],
    'that nobody is there, without the index of a record': [
      () => ({ ...notFound(), auditIndexPlusOne: 0n }),
      'AUDIT_UNAVAILABLE',
    ],
    'with an element that was not granted': [() => ({ body: withAgama() }), 'INTERNAL'],
    'with two residents': [() => ({ body: Buffer.concat([shown, shown]) }), 'INTERNAL'],
    'by another schema': [() => ({ body: Buffer.from('{"resident":{"nik":"x"}}') }), 'INTERNAL'],
    'with bytes that are no message': [() => ({ body: shown.subarray(0, 9) }), 'INTERNAL'],
  };
  const notFound = () => {
    const { code, message, details } = toStatus(new MeshError('RESIDENT_NOT_FOUND'), 'id');
    return { code, message, status: details, body: Buffer.alloc(0) };
  };
  const withAgama = () =>
    Buffer.from(GetResidentResponse.encode(GetResidentResponse.fromPartial({ resident: { agama: 1 } })).finish());

  for (const [lie, [changes, reason]] of Object.entries(lies)) {
    it(`lets nothing of a service leave that answers ${lie}`, async () => {
      answer = () => ({ ...answered, ...changes() });
      assert.equal(await carry(), reason);
      // No row comes back: nobody knows what the service has read.
      assert.deepEqual(events, ['forwarded', `note ${Kind.WITHHELD} ${reason}`, `FAILED ${reason}`]);
      assert.equal(faults.length, reason === 'INTERNAL' ? 1 : 0);
    });
  }

  for (const reason of ['SERVICE_UNAVAILABLE', 'DEADLINE_EXCEEDED'] as const) {
    it(`lets nothing leave of a service that is lost or slow, and says that nobody knows: ${reason}`, async () => {
      answer = () => {
        throw new MeshError(reason);
      };
      assert.equal(await carry(), reason);
      assert.deepEqual(events, ['forwarded', `note ${Kind.UNKNOWN} ${reason}`, `FAILED ${reason}`]);
    });
  }

  it('passes on that nobody was found, with its record', async () => {
    answer = () => ({ ...answered, ...notFound() });
    assert.equal(await carry(), 'RESIDENT_NOT_FOUND');
    assert.equal(notFound().code, GrpcStatus.NOT_FOUND);
  });
});
