import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, it } from 'mocha';
import type { RenewRequest, RenewResponse } from '#gen/rangkiang/permit/v1/policy.ts';
import { extendSnapshot } from '../../../broker/policy/extend-snapshot.ts';
import { RenewalLoop } from '../../../broker/renewal-loop.ts';
import { SnapshotHolder } from '../../../broker/snapshot-holder.ts';
import { issued, izinOf, noon, statuteOnly, verifyDigest } from '../../support/policy.ts';

/** A permit service, a clock and a timer that do what the test says. */
class Stage {
  log: Buffer[] = [];
  nowMs = 0;
  requests: RenewRequest[] = [];
  inFlight = 0;
  mostInFlight = 0;
  /** Awaited before each answer. */
  before: () => Promise<void> = async () => {};
  timer: { delayMs: number; run: () => void } | undefined;
  alarms: unknown[] = [];
  warnings = 0;
  /** Versions that were told as installed, and how many renewals had been sent by then. */
  told: { version: number; renewals: number }[] = [];
  readonly loop: RenewalLoop;

  constructor() {
    this.loop = new RenewalLoop({
      holder: new SnapshotHolder(statuteOnly, (base, changes) => extendSnapshot(base, changes, verifyDigest)),
      clock: () => ({ monoMs: this.nowMs, wallMs: this.nowMs }),
      timer: (delayMs, run) => {
        this.timer = { delayMs, run };
        return () => {
          this.timer = undefined;
        };
      },
      session: 's',
      renew: (request) => this.#answer(request),
      onInstalled: () => {
        const { version } = this.loop.current().snapshot;
        this.told.push({ version: Number(version), renewals: this.requests.length });
      },
      log: {
        info: () => {},
        warn: () => {
          this.warnings += 1;
        },
        error: (fields: { alarm: unknown }) => this.alarms.push(fields.alarm),
      } as never,
    });
  }

  async #answer(request: RenewRequest): Promise<RenewResponse> {
    this.requests.push(request);
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    try {
      await this.before();
    } finally {
      this.inFlight -= 1;
    }
    const renewed = request.incarnation === 'A' && request.version === BigInt(this.log.length);
    return {
      renewed,
      incarnation: 'A',
      version: BigInt(this.log.length),
      changes: renewed ? [] : this.log.slice(Number(request.version)),
      authorityTime: new Date(noon),
      leaseMs: 3_000,
      brokers: 1,
    };
  }

  /** Waits until the loop waits for its timer again. */
  async settled(): Promise<void> {
    while (this.timer === undefined) await setImmediate();
  }

  async tick(): Promise<void> {
    const due = this.timer;
    assert(due);
    this.timer = undefined;
    this.nowMs += due.delayMs;
    due.run();
    await this.settled();
  }
}

describe('RenewalLoop', () => {
  let stage: Stage;
  beforeEach(() => {
    stage = new Stage();
  });
  const live = () => stage.loop.current().time.live;
  const versions = () => stage.requests.map(({ version }) => Number(version));

  it('tells of another policy under a live lease, before that policy is acknowledged', async () => {
    stage.log = [issued(izinOf())];
    stage.loop.ring();
    await stage.settled();
    // The first was installed without a lease and so is told with the renewal that gives one.
    assert.deepEqual(stage.told, [{ version: 1, renewals: 3 }]);
    await stage.tick();
    assert.equal(stage.told.length, 1);
    stage.log.push(issued(izinOf()));
    await stage.tick();
    // Told by the answer to the fifth renewal, which brought it; the sixth acknowledged it.
    assert.deepEqual(stage.told.at(-1), { version: 2, renewals: 5 });
    assert.equal(stage.requests.length, 6);
  });

  it('installs what it is told and renews at once after it, which acknowledges it', async () => {
    stage.log = [issued(izinOf())];
    assert.equal(live(), false);
    stage.loop.ring();
    await stage.settled();
    assert.deepEqual(versions(), [0, 0, 1]);
    assert.equal(live(), true);
    assert.equal(stage.loop.current().snapshot.version, 1n);
  });

  it('tells of its first lease, and not of what it installs before that', async () => {
    stage.log = [issued(izinOf())];
    let leasedAfter: number | undefined;
    void stage.loop.leased.then(() => {
      leasedAfter = stage.requests.length;
    });
    stage.before = async () => assert.equal(leasedAfter, undefined);
    stage.loop.ring();
    await stage.settled();
    assert.equal(leasedAfter, 3);
  });

  it('renews a second after the renewal before was sent', async () => {
    stage.before = async () => {
      stage.nowMs += 100;
    };
    stage.loop.ring();
    await stage.settled();
    assert.equal(stage.timer?.delayMs, 900);
    await stage.tick();
    assert.equal(stage.requests.length, 3);
  });

  it('renews when the bell rings, once more when it rings during a renewal, and never two at a time', async () => {
    stage.loop.ring();
    await stage.settled();
    const { length: before } = stage.requests;
    stage.log = [issued(izinOf())];
    stage.before = async () => {
      if (stage.requests.length === before + 1) for (let n = 0; n < 5; n += 1) stage.loop.ring();
      await setImmediate();
    };
    stage.loop.ring();
    stage.timer = undefined;
    await stage.settled();
    assert.deepEqual(versions().slice(before), [0, 1]);
    assert.equal(stage.mostInFlight, 1);
  });

  it('tries again soon when the permit service is away, and denies once the lease is over', async () => {
    stage.loop.ring();
    await stage.settled();
    stage.before = async () => {
      throw new Error('away');
    };
    await stage.tick();
    assert.equal(stage.timer?.delayMs, 250);
    assert.equal(live(), true);
    for (let tick = 0; tick < 8; tick += 1) await stage.tick();
    assert.equal(live(), false);
    assert.equal(stage.warnings, 9);
    stage.before = async () => {};
    await stage.tick();
    assert.equal(live(), true);
  });

  it('raises an alarm once for a permit in quarantine, and for a policy that cannot be followed', async () => {
    stage.log = [issued(izinOf({ opd: 'NOBODY' })), issued(izinOf())];
    stage.loop.ring();
    await stage.settled();
    stage.log.push(issued(izinOf()));
    await stage.tick();
    assert.deepEqual(stage.alarms, ['PERMIT_QUARANTINED']);
    stage.log.push(Buffer.from('1a00', 'hex'));
    await stage.tick();
    stage.log = [];
    await stage.tick();
    assert.deepEqual(stage.alarms, ['PERMIT_QUARANTINED', 'CHANGE_NOT_UNDERSTOOD', 'WENT_BACK']);
    assert.equal(live(), false);
  });

  it('stops after the renewal that is under way, and for good', async () => {
    stage.loop.ring();
    await stage.loop.stop();
    const { length } = stage.requests;
    stage.loop.ring();
    assert.equal(stage.requests.length, length);
    assert.equal(stage.timer, undefined);
  });
});
