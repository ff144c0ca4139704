import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { before, describe, it } from 'mocha';
import { Aktivasi } from '#gen/rangkiang/permit/v1/aktivasi.ts';
import { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { PolicyChange, type RenewRequest, type RenewResponse } from '#gen/rangkiang/permit/v1/policy.ts';
import { printJson } from '#mesh/contract.ts';
import { izinDigest, signAktivasi, signIzin } from '#mesh/izin.ts';
import { nextDigest } from '#mesh/policy-chain.ts';
import { pinnedKeys } from '#mesh/signing-keys.ts';
import { decide } from '../../broker/policy/decide.ts';
import { extendSnapshot, type PermitVerifiers } from '../../broker/policy/extend-snapshot.ts';
import type { Snapshot } from '../../broker/policy/snapshot.ts';
import { SnapshotHolder } from '../../broker/snapshot-holder.ts';
import { testCertificates } from '../support/certificates.ts';
import { at, izinOf, noon, requestOf, revoked, statuteOnly, verifyAgainst } from '../support/policy.ts';

const PERMITS = 500;

describe('a policy that is swapped while calls are decided', function () {
  this.timeout(60_000);
  let changes: Buffer[];
  let permits: string[];
  let verify: PermitVerifiers;

  before(async () => {
    const { walikota } = await testCertificates();
    verify = verifyAgainst(pinnedKeys(walikota.certPem));
    const izins = Array.from({ length: PERMITS }, () => izinOf());
    permits = izins.map(({ permitId }) => permitId);
    changes = await Promise.all(
      izins.map(async (izin) => {
        const text = printJson('rangkiang.permit.v1.Izin', Izin.encode(izin).finish());
        const jws = await signIzin(Buffer.from(text), walikota.keyPem, walikota.certPem);
        const aktivasi = Aktivasi.fromPartial({
          permitId: izin.permitId,
          izinDigest: izinDigest(jws),
          pksNumber: '470/012/PKS/2026',
          juknisNumber: '470/012/JUKNIS/2026',
          systems: ['simpus'],
          networks: ['0.0.0.0/0'],
        });
        const aktivasiText = printJson('rangkiang.permit.v1.Aktivasi', Aktivasi.encode(aktivasi).finish());
        const aktivasiJws = await signAktivasi(Buffer.from(aktivasiText), walikota.keyPem, walikota.certPem);
        return Buffer.from(
          PolicyChange.encode({ change: { $case: 'permitIssued', value: { jws, aktivasiJws } } }).finish(),
        );
      }),
    );
  });

  /** A holder that has begun, and how it installs changes: as the permit service would tell it. */
  async function newHolder(log: readonly Buffer[]) {
    let compiled = 0;
    const holder = new SnapshotHolder(statuteOnly, (base, some) =>
      extendSnapshot(
        base,
        some,
        {
          ...verify,
          izin: (jws, keys) => {
            compiled += 1;
            return verify.izin(jws, keys);
          },
        },
        { pause: nextTurn },
      ),
    );
    const instant = { monoMs: 0, wallMs: 0 };
    const answer = ({ version }: Pick<RenewRequest, 'version'>, some: readonly Buffer[]): RenewResponse => ({
      renewed: some.length === 0,
      incarnation: 'A',
      version: BigInt(log.length),
      changes: some.slice(Number(version)),
      brokers: 1,
      authorityTime: new Date(noon),
      leaseMs: 3_000,
    });
    await holder.follow(answer({ version: 0n }, []), instant, instant);
    const install = (some: readonly Buffer[]) => holder.follow(answer({ version: 0n }, some), instant, instant);
    return { holder, install, compiled: () => compiled, snapshot: () => holder.current(instant).snapshot };
  }

  it('decides every call by the old snapshot or the new one, and turns to calls after each permit', async () => {
    const { install, compiled, snapshot } = await newHolder(changes);
    const old = snapshot();
    const seen = new Map<Snapshot, Set<string>>();
    let turns = 0;
    let mostInOneTurn = 0;
    let before = 0;
    const call = () => {
      const current = snapshot();
      // The first permit and the last: a mix would know one of them only.
      const answers = [permits[0], permits.at(-1)].map((permit = '') => {
        const decision = decide(current, requestOf({ permit }), at(noon));
        return decision.allowed ? `allowed at ${decision.policyVersion}` : decision.reason;
      });
      seen.set(current, (seen.get(current) ?? new Set()).add(answers.join(', ')));
      turns += 1;
      mostInOneTurn = Math.max(mostInOneTurn, compiled() - before);
      before = compiled();
    };
    const installed = install(changes);
    let isOver = false;
    void installed.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      call();
      await nextTurn();
    }
    call();
    assert.equal(await installed, 'INSTALLED');

    assert.notEqual(snapshot(), old);
    assert.deepEqual(
      [...seen].map(([each, answers]) => [each.version, [...answers]]),
      [
        [0n, ['PERMIT_UNKNOWN, PERMIT_UNKNOWN']],
        [BigInt(PERMITS), [`allowed at ${PERMITS}, allowed at ${PERMITS}`]],
      ],
    );
    assert(turns >= PERMITS, `${turns} turns for ${PERMITS} permits`);
    assert(mostInOneTurn <= 2, `${mostInOneTurn} permits in one turn`);
  });

  it('turns to calls between changes that cost no signature', async () => {
    const log = Array.from({ length: PERMITS }, () => revoked(randomUUID()));
    const { install, snapshot } = await newHolder(log);
    let turns = 0;
    let isOver = false;
    const installed = install(log).finally(() => {
      isOver = true;
    });
    while (!isOver) {
      turns += 1;
      await nextTurn();
    }
    await installed;
    assert.equal(snapshot().version, BigInt(PERMITS));
    assert(turns >= PERMITS - 1, `${turns} turns for ${PERMITS} changes`);
    assert.deepEqual(snapshot().digest, log.reduce<Buffer>(nextDigest, Buffer.alloc(32)));
  });

  it('shares what did not change with the snapshot before', async () => {
    const { install, snapshot } = await newHolder([...changes, revoked(permits[0] ?? '')]);
    await install(changes);
    const before = snapshot();
    const after = await extendSnapshot(before, [revoked(permits[0] ?? '')], verify);
    for (const [opd, policy] of after.opds) {
      assert.equal(policy.candidates, before.opds.get(opd)?.candidates);
    }
    const decision = decide(after, requestOf({ permit: permits[0] }), at(noon));
    assert.equal(decision.allowed ? 'allowed' : decision.reason, 'PERMIT_REVOKED');
    assert(decide(before, requestOf({ permit: permits[0] }), at(noon)).allowed);
  });
});
