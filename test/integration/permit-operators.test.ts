import assert from 'node:assert/strict';
import { hash, randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { after, before, beforeEach, describe, it } from 'mocha';
import { Context, Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { type Grant, Scope } from '#gen/rangkiang/mesh/v1/grant.ts';
import { OperatorState } from '#gen/rangkiang/permit/v1/operator.ts';
import { OperatorServiceService as operators } from '#gen/rangkiang/permit/v1/operator_service.ts';
import { PolicyChange } from '#gen/rangkiang/permit/v1/policy.ts';
import type { MeshError } from '#mesh/errors.ts';
import { operatorDigest } from '#mesh/operator.ts';
import { listOperatorEntries } from '../../services/permit/store/operators.ts';
import {
  keysRegistered,
  keysWithdrawn,
  makeTestKey,
  operatorWithdrawn,
  SUB,
  type TestKey,
} from '../support/operators.ts';
import { ownGrant, type PermitService, startPermitService } from '../support/permit-service.ts';
import { TestBroker } from '../support/test-broker.ts';

const reason = (expected: string) => (error: MeshError) => error.reason === expected;

/** The first line of a listing, read beside the service: its own answer needs the audit service. */
const newest = { opd: '', before: undefined, limit: 1 };

/** The JWK Set of some keys, as an OPD has it. */
function jwksOf(...keys: TestKey[]): string {
  const jwks = keys.map(({ kid, alg, registered: { publicKey } }) => {
    const [x, y] = [publicKey.subarray(0, 32), publicKey.subarray(32)].map((bytes) => bytes.toString('base64url'));
    return alg === 'EdDSA' ? { kty: 'OKP', crv: 'Ed25519', kid, x } : { kty: 'EC', crv: 'P-256', kid, x, y };
  });
  return JSON.stringify({ keys: jwks });
}

describe("an OPD's operators in the permit service", () => {
  let service: PermitService;
  let issuer: string;
  const [one, two] = [makeTestKey('k1'), makeTestKey('k2', 'ES256')];

  before(async () => {
    service = await startPermitService();
  });
  beforeEach(async () => {
    service.log.away = false;
    service.clock.stopped = false;
    await service.pool.query('truncate broker_leases');
    issuer = `sso.${randomUUID()}`;
  });
  after(() => service.stop());

  const dkk = ownGrant('DKK');
  const register = (
    keys: TestKey[],
    {
      operator = '',
      grant = dkk,
      requestId = randomUUID(),
    }: { operator?: string; grant?: Partial<Grant>; requestId?: string } = {},
  ) => service.call(operators.registerOperatorKeys, { requestId, issuer, jwks: jwksOf(...keys), operator }, grant);
  const withdrawKeys = (kids: string[] = [], grant = dkk) =>
    service.call(operators.withdrawOperatorKeys, { requestId: randomUUID(), issuer, kids }, grant);
  const withdraw = (operator: string, requestId: string = randomUUID()) =>
    service.call(operators.withdrawOperator, { requestId, operator }, dkk);

  /** The changes of the policy after a version, as a broker gets them. */
  async function changesAfter(version: bigint): Promise<Buffer[]> {
    const { rows } = await service.pool.query<{ change: Buffer }>(
      'select change from policy_log where version > $1 order by version',
      [version],
    );
    return rows.map(({ change }) => change);
  }
  async function version(): Promise<bigint> {
    const { rows } = await service.pool.query<{ version: bigint }>('select version from policy_head');
    return rows[0]?.version ?? 0n;
  }
  async function list(grant = dkk) {
    const { answer } = await service.call(operators.listOperators, { pageSize: 500, pageToken: '' }, grant);
    return answer.entries.map(({ subject }) => subject);
  }

  it('registers keys, which count with their record', async () => {
    const before = await version();
    const { answer, auditIndex, callId } = await register([one, two]);
    assert.deepEqual(
      answer.keys.map(({ kid, state, issuer: of }) => [kid, state, of]),
      [
        ['k1', OperatorState.ACTIVE, issuer],
        ['k2', OperatorState.ACTIVE, issuer],
      ],
    );
    const [change, ...more] = await changesAfter(before);
    assert.deepEqual(change, keysRegistered([one, two], { issuer }));
    assert.equal(more.length, 0);
    const leaf = service.log.leaves[Number(auditIndex)];
    assert.equal(leaf?.kind, Kind.POLICY);
    assert.deepEqual(leaf?.eventId, callId);
    assert.deepEqual(leaf?.policyChangeDigest, hash('sha256', change ?? '', 'buffer'));
  });

  it('lets no key count whose record is not committed, until it is', async () => {
    service.log.away = true;
    const before = await version();
    const requestId = randomUUID();
    await assert.rejects(register([one], { requestId }), reason('AUDIT_UNAVAILABLE'));
    assert.equal(await version(), before);
    const [pending] = (await listOperatorEntries(service.pool, { scope: Scope.OWN, opd: 'DKK' }, newest)).items;
    assert.equal(pending?.subject?.$case === 'key' && pending.subject.value.state, OperatorState.PENDING);
    service.log.away = false;
    const { answer } = await register([one], { requestId });
    assert.equal(answer.keys[0]?.state, OperatorState.ACTIVE);
    assert.deepEqual(await changesAfter(before), [keysRegistered([one], { issuer })]);
  });

  it('changes nothing for keys that are registered already, and adds those that are new', async () => {
    await register([one]);
    const before = await version();
    await register([one]);
    assert.equal(await version(), before);
    const { answer } = await register([one, two]);
    assert.equal(answer.keys.length, 2);
    assert.deepEqual(await changesAfter(before), [keysRegistered([two], { issuer })]);
  });

  it('never gives a kid to a second key, nor back to one that was withdrawn', async () => {
    await register([one]);
    await assert.rejects(register([makeTestKey('k1')]), reason('OPERATOR_KEY_CONFLICT'));
    await assert.rejects(register([one], { operator: SUB }), reason('OPERATOR_KEY_CONFLICT'));
    await withdrawKeys(['k1']);
    await assert.rejects(register([one]), reason('OPERATOR_KEY_CONFLICT'));
  });

  it("registers an operator's own key by a digest, and seals whose it is", async () => {
    const before = await version();
    const { auditIndex } = await register([one], { operator: SUB });
    const [change] = await changesAfter(before);
    assert.deepEqual(change, keysRegistered([one], { issuer, operator: SUB }));
    assert.ok(!change?.includes(SUB));
    const entry = service.log.entries[Number(auditIndex)];
    assert.ok(entry && !entry.leaf.includes(SUB));
    assert.equal(Context.decode(entry.context).searchTerms, SUB);
  });

  it('refuses a private key, and keeps nothing of it', async () => {
    const { d } = one.privateKey.export({ format: 'jwk' });
    const jwks = jwksOf(one).replace('"kid"', `"d":"${d}","kid"`);
    await assert.rejects(
      service.call(operators.registerOperatorKeys, { requestId: randomUUID(), issuer, jwks, operator: '' }, dkk),
      reason('REQUEST_INVALID'),
    );
    assert.ok((await list()).every((subject) => subject?.$case !== 'key' || subject.value.issuer !== issuer));
  });

  it("keeps an OPD's keys its own", async () => {
    await register([one]);
    const other = ownGrant('DISDIK');
    await register([makeTestKey('k1')], { grant: other });
    await assert.rejects(withdrawKeys(['k2'], other), reason('OPERATOR_KEY_UNKNOWN'));
    const mine = (await list(other)).filter((subject) => subject?.$case === 'key' && subject.value.issuer === issuer);
    assert.equal(mine.length, 1);
    await withdrawKeys([], other);
    const [still] = await list();
    assert.equal(still?.$case === 'key' && still.value.state, OperatorState.ACTIVE);
  });

  it('takes at most 500 keys of an OPD', async () => {
    const grant = ownGrant('DLH');
    await service.pool.query("insert into operator_registrations values ('x', 'x', 1) on conflict do nothing");
    await service.pool.query(
      `insert into operator_keys (opd, issuer, kid, algorithm, public_key, operator, register_event)
       select 'DLH', 'many', n::text, 1, '', '', 'x' from generate_series(1, 499) as n`,
    );
    await assert.rejects(register([one, two], { grant }), reason('OPERATOR_KEYS_TOO_MANY'));
    await register([one], { grant });
  });

  it('withdraws a key, some or all of an issuer, at once and without the audit service', async () => {
    await register([one, two]);
    service.log.away = true;
    const before = await version();
    const { answer, auditIndex } = await withdrawKeys(['k1']);
    assert.deepEqual(
      answer.keys.map(({ kid, state }) => [kid, state]),
      [['k1', OperatorState.WITHDRAWN]],
    );
    assert.equal(auditIndex, undefined);
    const rest = await withdrawKeys();
    assert.equal(rest.answer.keys.length, 2);
    assert.deepEqual(await changesAfter(before), [
      keysWithdrawn(['k1'], { issuer }),
      keysWithdrawn(['k2'], { issuer }),
    ]);
    service.log.away = false;
    await assert.rejects(withdrawKeys(['k1', 'k3']), reason('OPERATOR_KEY_UNKNOWN'));
  });

  it('withdraws keys whose record was never committed: they do not count when it comes', async () => {
    service.log.away = true;
    const before = await version();
    await assert.rejects(register([one]), reason('AUDIT_UNAVAILABLE'));
    await withdrawKeys();
    service.log.away = false;
    while ((await changesAfter(before)).length < 2) await setImmediate();
    const [narrowing, widening] = await changesAfter(before);
    assert.deepEqual(narrowing, keysWithdrawn(['k1'], { issuer }));
    assert.deepEqual(widening, keysRegistered([one], { issuer }));
    const [entry] = await list();
    assert.equal(entry?.$case === 'key' && entry.value.state, OperatorState.WITHDRAWN);
  });

  it('withdraws an operator by a digest, waits for the brokers, and asked again waits for the same', async () => {
    const brokers = [await new TestBroker(service).catchUp(), await new TestBroker(service).catchUp()];
    service.clock.stopped = true;
    const before = await version();
    const operator = randomUUID();
    let answered = false;
    const withdrawal = withdraw(operator).finally(() => {
      answered = true;
    });
    await brokers[0]?.catchUp();
    const seen = service.clock.sleeps + 3;
    while (service.clock.sleeps < seen) await setImmediate();
    assert.equal(answered, false);
    while (!answered) {
      for (const broker of brokers) await broker.catchUp();
      await setImmediate();
    }
    const { answer, auditIndex } = await withdrawal;
    assert.deepEqual([answer.brokersConfirmed, answer.brokersLapsed], [2, 0]);
    assert.deepEqual(await changesAfter(before), [operatorWithdrawn(operator)]);
    const entry = service.log.entries[Number(auditIndex)];
    assert.equal(Context.decode(entry?.context ?? Buffer.alloc(0)).searchTerms, operator);
    service.clock.stopped = false;
    const again = await withdraw(operator);
    assert.deepEqual(again.answer.withdrawTime, answer.withdrawTime);
    assert.equal(await version(), before + 1n);
  });

  it('withdraws an operator without the audit service; the record follows', async () => {
    service.log.away = true;
    const operator = randomUUID();
    const { auditIndex } = await withdraw(operator);
    assert.equal(auditIndex, undefined);
    const known = service.log.leaves.length;
    service.log.away = false;
    while (service.log.leaves.length === known) await setImmediate();
    const change = PolicyChange.encode({
      change: { $case: 'operatorWithdrawn', value: { opd: 'DKK', operatorDigest: operatorDigest('DKK', operator) } },
    }).finish();
    const digests = service.log.leaves.slice(known).map(({ policyChangeDigest }) => policyChangeDigest.toString('hex'));
    assert.ok(digests.includes(hash('sha256', change, 'hex')));
  });

  it('lists keys and withdrawn operators together, newest first and page by page', async () => {
    const grant = ownGrant('DISHUB');
    await register([one, two], { grant });
    const request = { requestId: randomUUID(), operator: SUB };
    await service.call(operators.withdrawOperator, request, grant);
    const names: string[] = [];
    let pageToken = '';
    do {
      const { answer } = await service.call(operators.listOperators, { pageSize: 1, pageToken }, grant);
      names.push(
        ...answer.entries.map(({ subject }) =>
          subject?.$case === 'key' ? subject.value.kid : (subject?.value.operator ?? ''),
        ),
      );
      pageToken = answer.nextPageToken;
    } while (pageToken !== '');
    assert.deepEqual(names, [SUB, 'k2', 'k1']);
    await assert.rejects(
      service.call(operators.listOperators, { pageSize: 1, pageToken: 'AAAA' }, grant),
      reason('PAGE_TOKEN_INVALID'),
    );
  });

  it('tells a repeated request from another one of the same id', async () => {
    const requestId = randomUUID();
    await withdraw('a', requestId);
    await withdraw('a', requestId);
    await assert.rejects(withdraw('b', requestId), reason('REQUEST_ID_REUSED'));
  });
});
