import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Metadata } from '@grpc/grpc-js';
import { before, describe, it } from 'mocha';
import { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import { Aktivasi } from '#gen/rangkiang/permit/v1/aktivasi.ts';
import { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { PolicyChange, type RenewRequest, type RenewResponse } from '#gen/rangkiang/permit/v1/policy.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { printJson } from '#mesh/contract.ts';
import { izinDigest, signAktivasi, signIzin } from '#mesh/izin.ts';
import { nextDigest } from '#mesh/policy-chain.ts';
import { pinnedKeys } from '#mesh/signing-keys.ts';
import { Attempt, admit } from '../../broker/admission.ts';
import { decide } from '../../broker/policy/decide.ts';
import { extendSnapshot, type PermitVerifiers } from '../../broker/policy/extend-snapshot.ts';
import { parseAddress } from '../../broker/policy/networks.ts';
import type { Snapshot } from '../../broker/policy/snapshot.ts';
import { SnapshotHolder } from '../../broker/snapshot-holder.ts';
import { testCertificates } from '../support/certificates.ts';
import {
  at,
  issued,
  izinOf,
  noon,
  requestOf,
  revoked,
  snapshotOf,
  statuteOnly,
  verifyAgainst,
} from '../support/policy.ts';

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

  it('gives each of 10,000 calls at the door the grant of the old version or of the new one, never a mix', async () => {
    const versions = [
      izinOf({ elements: [Element.NIK], rowCap: 1, quotaPerDay: 11, quotaPerMinute: 101, minimumCell: 6 }),
      izinOf({
        units: [{ unit: 'PKM-PAUH', regions: ['13.71.09', '13.71.10'] }],
        elements: [Element.AGAMA, Element.SHDK],
        rowCap: 2,
        quotaPerDay: 22,
        quotaPerMinute: 202,
        minimumCell: 7,
        children: true,
      }),
    ].map((izin, n) => ({ ...izin, permitId: permits[0] as string, version: n + 1 }));
    const [old, next] = [
      await snapshotOf(issued(versions[0] as Izin)),
      await snapshotOf(...versions.map((v) => issued(v))),
    ];
    let snapshot = old;
    const metadata = new Metadata();
    metadata.set('rangkiang-purpose', 'PELAYANAN_PUBLIK');
    const peer = { kind: 'OPD', opd: 'DKK', unit: 'PKM-PAUH', system: 'simpus', serial: '0A', notAfterMs: Infinity };
    let waits = 0;
    const parts = {
      policy: { current: () => ({ snapshot, time: at(noon) }) },
      decide,
      flood: { admits: () => true },
      // Each call waits for its place for some turns, and the policy is swapped in each of them.
      limits: {
        spend: async ({ perMinute }: { perMinute: number }) => {
          for (let turn = waits++ % 4; turn > 0; turn -= 1) await nextTurn();
          return { ended: () => {}, perMinute };
        },
      },
      quota: { debit: async () => ({ refund: () => {} }) },
    };
    let isOver = false;
    const swapping = (async () => {
      while (!isOver) {
        await nextTurn();
        snapshot = snapshot === old ? next : old;
      }
    })();
    const told: string[] = [];
    await Promise.all(
      Array.from({ length: 10_000 }, async (_, n) => {
        for (let turn = n % 8; turn > 0; turn -= 1) await nextTurn();
        const attempt = new Attempt(requestOf().method, peer as never, parseAddress('10.20.0.7'), metadata, 0);
        const { grant, held, rowCap } = await admit(attempt, Buffer.alloc(0), parts as never);
        const given = Grant.decode(grant);
        const { elements, regions, minimumCell, children, policyVersion } = given;
        told.push(JSON.stringify([elements, regions, given.rowCap, minimumCell, children, `${policyVersion}`, rowCap]));
        assert.equal(held.snapshot.version, policyVersion);
        assert.equal(held.decision.quota?.perMinute, policyVersion === 1n ? 101 : 202);
      }),
    );
    isOver = true;
    await swapping;
    assert.equal(told.length, 10_000);
    assert.deepEqual(
      [...new Set(told)].sort(),
      [
        JSON.stringify([[Element.NIK], ['13.71.08'], 1, 6, false, '1', 1]),
        JSON.stringify([[Element.AGAMA, Element.SHDK], ['13.71.09', '13.71.10'], 2, 7, true, '2', 2]),
      ].sort(),
    );
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
