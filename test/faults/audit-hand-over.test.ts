import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import type { Replica } from '../support/audit-service.ts';
import { type CrashStage, portOf, startCrashStage, type Victim } from '../support/crash-stage.ts';

const MORE = 20;
const POLL_MS = 5;

/** A client that goes from one replica to another. */
interface HandOver {
  readonly stage: CrashStage;
  readonly from: Replica;
  readonly to: Replica;
}

/** Brings a hand-over to a point, with the client at `to` or on its way there; answers what lets it go on. */
type Point = (handOver: HandOver) => Promise<() => unknown>;

/** Whom kill -9 hits; nobody, where what comes late is enough. */
type Hit = 'nobody' | 'from' | 'to' | Exclude<Victim, 'audit'>;

/** Breaks the client's connection, and lets the next one lead to this replica. */
function move({ gates }: CrashStage, { address }: Replica): void {
  gates.client.route(portOf(address));
  gates.client.cut();
}

/** Event ids that the log holds and of which the client has not heard. */
async function untold({ ask, client }: CrashStage): Promise<string[]> {
  const rows = await ask<{ id: string }>(
    "select encode(uuid_send(event_id), 'hex') as id from entry order by index desc limit 200",
  );
  const told = new Set((await client.kept()).records.map(({ eventId }) => eventId));
  return rows.map(({ id }) => id).filter((id) => !told.has(id));
}

async function toldAll({ client }: CrashStage, ids: readonly string[]): Promise<void> {
  for (let missing = new Set(ids); missing.size > 0; ) {
    const { records } = await client.kept();
    missing = missing.difference(new Set(records.map(({ eventId }) => eventId)));
    await delay(POLL_MS);
  }
}

/** Resolves when a head is signed that holds all that the client was told by now. */
async function signedUpToNow({ client, signedSize }: CrashStage): Promise<void> {
  const { records } = await client.kept();
  for (let size = 0n; records.some(({ index }) => index >= size); size = await signedSize()) await delay(POLL_MS);
}

const points: readonly { readonly name: string; readonly point: Point; readonly hits: readonly Hit[] }[] = [
  {
    name: 'while a commit that the second replica repeats is still on its way to Postgres',
    hits: ['nobody', 'to'],
    async point({ stage, to }) {
      await stage.gates.database.hold('request', 'append-entries');
      move(stage, to);
      await stage.client.grown(MORE);
      return stage.gates.database.open;
    },
  },
  {
    name: 'while the second replica waits for the commit of the first',
    hits: ['from', 'to', 'backend'],
    async point({ stage, to }) {
      const goOn = await stage.holdTransaction('entry');
      move(stage, to);
      while ((await stage.commitsUnderWay()) < 2) await delay(POLL_MS);
      return goOn;
    },
  },
  {
    name: 'when the first replica has committed and does not know it',
    hits: ['from', 'postmaster'],
    async point({ stage, to }) {
      await stage.gates.database.hold('answer', 'append-entries');
      assert.notEqual((await untold(stage)).length, 0);
      move(stage, to);
      return stage.gates.database.open;
    },
  },
  {
    name: 'when the first replica has committed and its acknowledgement is lost',
    hits: ['from', 'to'],
    async point({ stage, to }) {
      await stage.gates.client.hold('answer');
      while ((await untold(stage)).length === 0) await delay(POLL_MS);
      move(stage, to);
      stage.gates.client.open();
      return () => {};
    },
  },
  {
    name: 'when the first replica has acknowledged what the second is left to have signed',
    hits: ['nobody'],
    async point({ stage, from, to }) {
      const { process: signer } = stage.audit.signer.child;
      signer.kill('SIGSTOP');
      await stage.client.grown(MORE);
      await from.kill();
      signer.kill('SIGCONT');
      // Before it gets a record of its own.
      await signedUpToNow(stage);
      move(stage, to);
      return from.start;
    },
  },
  {
    name: 'when a head is signed of which no replica knows',
    hits: ['from'],
    async point({ stage, to }) {
      await stage.signedUnheard();
      move(stage, to);
      return stage.gates.signer.open;
    },
  },
  {
    name: 'when the first replica stops in a commit, and goes on after the second has',
    hits: ['nobody', 'to'],
    async point({ stage, from, to }) {
      const commit = await stage.holdTransaction('entry');
      const { process: stopped } = from.child;
      stopped.kill('SIGSTOP');
      await commit();
      move(stage, to);
      await stage.client.grown(MORE);
      await signedUpToNow(stage);
      return () => stopped.kill('SIGCONT');
    },
  },
  {
    name: 'while the first replica drains',
    hits: ['nobody', 'from'],
    async point({ stage, from, to }) {
      await stage.gates.database.hold('answer', 'append-entries');
      stage.gates.client.route(portOf(to.address));
      const { process: draining, said, exit } = from.child;
      draining.kill('SIGTERM');
      await said('stopping');
      return async () => {
        stage.gates.database.open();
        if ((await exit) === 0) await from.start();
      };
    },
  },
];

/** Kills; resolves when it is gone, with what brings it back. */
async function kill(hit: Hit, { stage, from, to }: HandOver): Promise<() => Promise<void>> {
  if (hit === 'nobody') return async () => {};
  if (hit !== 'from' && hit !== 'to') return stage.kill(hit);
  const killed = { from, to }[hit];
  await killed.kill();
  return killed.start;
}

describe('kill -9 while a client goes from one replica to another', function () {
  this.timeout(120_000);
  let stage: CrashStage;
  /** Where the client is, and the other one. */
  let replicas: readonly [Replica, Replica];

  before(async () => {
    stage = await startCrashStage();
    replicas = [stage.audit.first, await stage.audit.another()];
  });

  after(() => stage?.stop());

  for (const { name, point, hits } of points) {
    it(`loses, doubles and forks nothing ${name}`, async () => {
      for (const hit of hits) {
        const [from, to] = replicas;
        const handOver = { stage, from, to };
        const hitsReplica = hit === 'from' || hit === 'to';
        await stage.client.grown(MORE);
        const goOn = await point(handOver);
        const repeated = await untold(stage);
        const revive = await kill(hit, handOver);
        await goOn();
        // Whoever finds the second replica dead turns back.
        if (hit === 'to') move(stage, from);
        else replicas = [to, from];
        if (!hitsReplica) await revive();
        await stage.client.grown(MORE);
        await toldAll(stage, repeated);
        await signedUpToNow(stage);
        await stage.assertKept();
        if (hitsReplica) await stage.client.resting(revive);
        for (const { child } of replicas) {
          assert.equal(child.process.exitCode, null, 'a replica has given up');
          assert.equal(child.process.signalCode, null);
        }
      }
    });
  }
});
