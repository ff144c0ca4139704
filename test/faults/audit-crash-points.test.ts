import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { type CrashStage, startCrashStage, type Victim } from '../support/crash-stage.ts';

const MORE = 20;
const RANDOM_KILLS = 8;

/** Brings the log to a point of an append's life, and answers what lets it go on from there. */
type Point = (stage: CrashStage) => Promise<() => unknown>;

const points: readonly { readonly name: string; readonly point: Point; readonly victims: readonly Victim[] }[] = [
  {
    name: 'before a commit has begun',
    victims: ['audit', 'backend', 'postmaster'],
    async point(stage) {
      await stage.gates.database.hold('request', 'append-entries');
      assert.equal(await stage.commitsUnderWay(), 0);
      return stage.gates.database.open;
    },
  },
  {
    name: 'after the insert, before the commit',
    victims: ['audit', 'backend', 'postmaster'],
    async point(stage) {
      const goOn = await stage.holdTransaction('entry');
      assert.equal(await stage.commitsUnderWay(), 1);
      return goOn;
    },
  },
  {
    name: 'after the commit, before its acknowledgement',
    victims: ['audit', 'backend', 'postmaster'],
    async point(stage) {
      await stage.gates.database.hold('answer', 'append-entries');
      assert.equal(await stage.commitsUnderWay(), 0);
      return stage.gates.database.open;
    },
  },
  {
    name: 'after the acknowledgement, before a head is signed',
    victims: ['audit', 'signer', 'postmaster'],
    async point({ audit, client, signedSize }) {
      const stopped = audit.signer.child.process;
      stopped.kill('SIGSTOP');
      await client.grown(MORE);
      const { records } = await client.kept();
      assert.ok((records.at(-1)?.index ?? 0n) >= (await signedSize()));
      return () => stopped.kill('SIGCONT');
    },
  },
  {
    name: 'after a head is signed, before anybody knows',
    victims: ['audit', 'signer', 'postmaster'],
    async point(stage) {
      await stage.signedUnheard();
      return stage.gates.signer.open;
    },
  },
  {
    name: 'after a head is signed and cosigned, before it is published',
    victims: ['audit', 'signer', 'postmaster'],
    point: ({ holdTransaction }) => holdTransaction('published'),
  },
];

describe('kill -9 at each point of an append', function () {
  this.timeout(120_000);
  let stage: CrashStage;

  before(async () => {
    stage = await startCrashStage();
  });

  after(() => stage?.stop());

  for (const { name, point, victims } of points) {
    it(`loses, doubles and forks nothing ${name}`, async () => {
      for (const victim of victims) {
        await stage.client.grown(MORE);
        const goOn = await point(stage);
        const revive = await stage.kill(victim);
        await goOn();
        await revive();
        await stage.client.grown(MORE);
        await stage.assertKept();
      }
    });
  }

  it('loses, doubles and forks nothing at random under load', async () => {
    const victims = ['audit', 'signer', 'backend', 'postmaster'] as const;
    for (let kill = 0; kill < RANDOM_KILLS; kill++) {
      await stage.client.grown(Math.ceil(100 * Math.random()));
      for (let turn = 50 * Math.random(); turn > 0; turn--) await new Promise(setImmediate);
      const revive = await stage.kill(victims[kill % victims.length] as Victim);
      await revive();
    }
    await stage.client.grown(MORE);
    const { rows, heads } = await stage.assertKept();
    console.log(`      ${rows} records, ${heads} heads seen`);
  });
});
