import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { LiftOrder } from '#gen/rangkiang/permit/v1/directive.ts';
import { DirectiveServiceService as directives } from '#gen/rangkiang/permit/v1/directive_service.ts';
import { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { type Application, ApplicationState, type Permit, PermitState } from '#gen/rangkiang/permit/v1/permit.ts';
import { PermitServiceService as permits } from '#gen/rangkiang/permit/v1/permit_service.ts';
import { SigningKeyServiceService as signingKeys } from '#gen/rangkiang/permit/v1/signing_key_service.ts';
import { methods, printJson } from '#mesh/contract.ts';
import type { MeshError } from '#mesh/errors.ts';
import { permitVerifiers, signIzin, verifyPemulihan } from '#mesh/izin.ts';
import { signLiftOrder, verifyLiftOrder } from '#mesh/lift-order.ts';
import { extendSnapshot } from '../../broker/policy/extend-snapshot.ts';
import { readOpdCodes } from '../../broker/policy/opd-codes.ts';
import { emptySnapshot } from '../../broker/policy/snapshot.ts';
import { validForDays } from '../../cli/ca/certificate.ts';
import { izinFor, type PermitService, startPermitService, walikotaGrant } from '../support/permit-service.ts';
import { newSigner, orderBy, type Signer } from '../support/signing-keys.ts';

const reason = (expected: string) => (error: MeshError) => error.reason === expected;

describe("the Walikota's signing keys", () => {
  let service: PermitService;
  let office: Signer;
  let first: Signer;

  before(async () => {
    office = await newSigner({ isAuthority: true });
  });
  beforeEach(async () => {
    first = await newSigner();
    service = await startPermitService('PERMENDAGRI_61_2015', { walikota: first, alsoPinned: office });
  });
  afterEach(() => service.stop());

  const order = async (jws: string | Promise<string>, requestId: string = randomUUID()) =>
    service.call(signingKeys.orderSigningKey, { requestId, jws: await jws }, walikotaGrant);
  const states = async () => {
    const { answer } = await service.call(signingKeys.listSigningKeys, {}, walikotaGrant);
    return new Map(answer.keys.map(({ thumbprint, ended }) => [thumbprint, ended ? 'ENDED' : 'IN_FORCE']));
  };
  const signed = (application: Application, { keyPem, certPem }: Signer) => {
    const text = printJson('rangkiang.permit.v1.Izin', Izin.encode(izinFor(application)).finish());
    return signIzin(Buffer.from(text), keyPem, certPem);
  };
  async function issue(by: Signer, application?: Application, requestId: string = randomUUID()): Promise<Permit> {
    const { applicationId } = application ?? (await service.apply());
    const jws = await signed(application ?? (await applicationOf(applicationId)), by);
    const { answer } = await service.call(permits.issuePermit, { requestId, applicationId, jws }, walikotaGrant);
    assert.ok(answer.permit);
    return answer.permit;
  }
  async function applicationOf(applicationId: string): Promise<Application> {
    const { answer } = await service.call(permits.getApplication, { applicationId }, walikotaGrant);
    assert.ok(answer.application);
    return answer.application;
  }

  /** The policy as a broker has it that starts now and reads the whole log. */
  async function brokerCounts(): Promise<string[]> {
    const { rows } = await service.pool.query<{ change: Buffer }>('select change from policy_log order by version');
    const snapshot = await extendSnapshot(
      emptySnapshot(methods, readOpdCodes(), service.pinned),
      rows.map(({ change }) => change),
      permitVerifiers,
      { verifyPemulihan, verifyLift: verifyLiftOrder },
    );
    return snapshot.permits.map(({ id }) => id);
  }

  it('are rotated by the one in use: what it signed stands, what it signs now does not', async () => {
    const second = await newSigner();
    const before = await issue(first);
    const { answer, auditIndex } = await order(orderBy(first, { ends: first, begins: second }));
    assert.deepEqual(
      answer.keys.map(({ thumbprint, ended }) => [thumbprint, ended]),
      [
        [first.key.thumbprint, true],
        [office.key.thumbprint, false],
        [second.key.thumbprint, false],
      ],
    );
    assert.equal(typeof auditIndex, 'bigint');
    await assert.rejects(issue(first), reason('SIGNING_KEY_ENDED'));
    await assert.rejects(issue(await newSigner()), reason('SIGNATURE_INVALID'));
    await assert.rejects(issue(office), reason('SIGNATURE_INVALID'));
    const after = await issue(second);
    assert.deepEqual(await brokerCounts(), [before.permitId, after.permitId]);
  });

  it('are rotated twice, and a process that starts later knows all of it', async () => {
    const [second, third] = [await newSigner(), await newSigner()];
    await order(orderBy(first, { ends: first, begins: second }));
    await assert.rejects(order(orderBy(first, { ends: first, begins: third })), reason('SIGNING_KEY_ENDED'));
    await order(orderBy(second, { ends: second, begins: third }));
    await assert.rejects(issue(second), reason('SIGNING_KEY_ENDED'));
    const permit = await issue(third);
    const another = await service.another();
    const listed = await another.call(signingKeys.listSigningKeys, {}, walikotaGrant);
    assert.deepEqual(
      listed.answer.keys.map(({ ended }) => ended),
      [true, false, true, false],
    );
    await another.stop();
    assert.deepEqual(await brokerCounts(), [permit.permitId]);
  });

  it('are withdrawn at once, also while the audit service is away, and replaced by the office authority', async () => {
    const second = await newSigner();
    const before = await issue(first);
    const waiting = await service.apply();
    service.log.away = true;
    const { answer } = await order(orderBy(office, { ends: first }));
    assert.equal(answer.keys[0]?.ended, true);
    await assert.rejects(order(orderBy(office, { begins: second })), reason('AUDIT_UNAVAILABLE'));
    service.log.away = false;
    await service.recorded();
    assert.equal((await states()).get(second.key.thumbprint), 'IN_FORCE');
    await assert.rejects(issue(first, waiting), reason('SIGNING_KEY_ENDED'));
    assert.deepEqual(await brokerCounts(), [before.permitId]);
  });

  it('do not change by an order that nobody who may signed', async () => {
    const stranger = await newSigner();
    await assert.rejects(order(orderBy(stranger, { ends: first, begins: stranger })), reason('SIGNATURE_INVALID'));
    await assert.rejects(order(orderBy(first, { begins: stranger })), reason('SIGNING_KEY_UNKNOWN'));
    await assert.rejects(order(orderBy(first, { ends: first, begins: office })), reason('SIGNING_KEY_UNUSABLE'));
    const over = await newSigner({ validity: { notBefore: new Date(0), notAfter: new Date(1_000) } });
    await assert.rejects(order(orderBy(first, { ends: first, begins: over })), reason('SIGNING_KEY_UNUSABLE'));
    assert.deepEqual([...(await states()).values()], ['IN_FORCE', 'IN_FORCE']);
    // Whoever writes the database alone makes no key: neither the service nor a broker counts the row.
    await service.pool.query(
      "insert into signing_key_orders (event, jws, ends, policy_version) values ('\\x01', $1, $2, 1)",
      [await orderBy(stranger, { ends: first, begins: stranger }), ''],
    );
    assert.deepEqual([...(await states()).values()], ['IN_FORCE', 'IN_FORCE']);
    await assert.rejects(issue(stranger), reason('SIGNATURE_INVALID'));
  });

  it('answer a repeated order with the same, and no other under its id', async () => {
    const jws = await orderBy(first, { ends: first, begins: await newSigner() });
    const requestId = randomUUID();
    const one = await order(jws, requestId);
    const two = await order(jws, requestId);
    assert.deepEqual(two.answer.keys, one.answer.keys);
    await assert.rejects(order(orderBy(office, { ends: first }), requestId), reason('REQUEST_ID_REUSED'));
  });

  it('take with them what they signed and what is not recorded yet; the Walikota may sign it anew', async () => {
    const standing = await issue(first);
    const waiting = await service.apply();
    const frozen = await service.call(
      directives.freeze,
      { requestId: randomUUID(), target: { target: { $case: 'opd', value: 'DINSOS' } }, reason: 'Kata sandi bocor' },
      { ...walikotaGrant },
    );
    const directive = frozen.answer.directive?.directive;
    assert.ok(directive);
    const lift = { ...directive, reason: 'Sandi sudah diganti' };
    const liftText = Buffer.from(printJson('rangkiang.permit.v1.LiftOrder', LiftOrder.encode(lift).finish()));
    const liftJws = await signLiftOrder(liftText, first.keyPem, first.certPem);

    const renewal = { ...izinFor(await applicationOf(standing.permitId)), version: 1, quotaPerMinute: 61 };
    service.log.away = true;
    await assert.rejects(issue(first, waiting), reason('AUDIT_UNAVAILABLE'));
    const renewText = Buffer.from(printJson('rangkiang.permit.v1.Izin', Izin.encode(renewal).finish()));
    const renewJws = await signIzin(renewText, first.keyPem, first.certPem);
    const aktivasiJws = await service.signAktivasi(renewal, renewJws);
    const { permitId, etag } = standing;
    const renew = { requestId: randomUUID(), permitId, etag, jws: renewJws, aktivasiJws };
    await assert.rejects(service.call(permits.renewPermit, renew, walikotaGrant), reason('AUDIT_UNAVAILABLE'));
    const liftRequest = { requestId: randomUUID(), jws: liftJws };
    await assert.rejects(service.call(directives.lift, liftRequest, walikotaGrant), reason('AUDIT_UNAVAILABLE'));
    await order(orderBy(office, { ends: first }));
    service.log.away = false;

    const second = await newSigner();
    await order(orderBy(office, { begins: second }));
    await service.recorded();
    assert.deepEqual(await brokerCounts(), [standing.permitId]);
    const { answer } = await service.call(permits.getPermit, { permitId: standing.permitId }, walikotaGrant);
    assert.equal(answer.permit?.state, PermitState.AWAITING_ACTIVATION);
    assert.equal(answer.permit.izin?.version, 0);
    assert.equal((await applicationOf(waiting.applicationId)).state, ApplicationState.RECOMMENDED);
    const listed = await service.call(
      directives.listDirectives,
      { includeLifted: false, pageSize: 0, pageToken: '' },
      walikotaGrant,
    );
    assert.equal(listed.answer.directives[0]?.liftJws, '');
    await issue(second, await applicationOf(waiting.applicationId));
    assert.deepEqual(await brokerCounts(), [standing.permitId, waiting.applicationId]);
  });
});

describe('a signing key that has expired', () => {
  it('signs nothing more, whatever time it claims, and is replaced by the office authority', async () => {
    const office = await newSigner({ isAuthority: true });
    const { notBefore } = validForDays(1);
    const old = await newSigner({
      validity: { notBefore: new Date(notBefore.getTime() - 86_400_000), notAfter: new Date(Date.now() - 60_000) },
    });
    const service = await startPermitService('PERMENDAGRI_61_2015', { walikota: old, alsoPinned: office });
    await assert.rejects(service.permit(), reason('SIGNING_KEY_EXPIRED'));
    await assert.rejects(
      service.call(
        signingKeys.orderSigningKey,
        { requestId: randomUUID(), jws: await orderBy(old, { ends: old, begins: await newSigner() }) },
        walikotaGrant,
      ),
      reason('SIGNING_KEY_EXPIRED'),
    );
    const jws = await orderBy(office, { ends: old, begins: await newSigner() });
    const { answer } = await service.call(signingKeys.orderSigningKey, { requestId: randomUUID(), jws }, walikotaGrant);
    assert.deepEqual(
      answer.keys.map(({ ended }) => ended),
      [true, false, false],
    );
    await service.stop();
  });
});
