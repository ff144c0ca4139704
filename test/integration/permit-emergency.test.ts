import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'mocha';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { DirectiveServiceService as directives } from '#gen/rangkiang/permit/v1/directive_service.ts';
import { type EmergencyRecord, EmergencyState } from '#gen/rangkiang/permit/v1/emergency.ts';
import { EmergencyServiceService as emergencies } from '#gen/rangkiang/permit/v1/emergency_service.ts';
import { SuspensionReason } from '#gen/rangkiang/permit/v1/permit.ts';
import { PermitServiceService as permits } from '#gen/rangkiang/permit/v1/permit_service.ts';
import { methods } from '#mesh/contract.ts';
import type { MeshError } from '#mesh/errors.ts';
import { permitVerifiers } from '#mesh/izin.ts';
import { decide } from '../../broker/policy/decide.ts';
import { extendSnapshot } from '../../broker/policy/extend-snapshot.ts';
import { readOpdCodes } from '../../broker/policy/opd-codes.ts';
import { emptySnapshot } from '../../broker/policy/snapshot.ts';
import { keepEmergencies } from '../../services/permit/emergencies.ts';
import { activationOf, confirm, emergencyOf, review } from '../support/emergencies.ts';
import { izinFor, type PermitService, startPermitService, walikotaGrant } from '../support/permit-service.ts';
import { at, requestOf } from '../support/policy.ts';
import { newSigner, type Signer } from '../support/signing-keys.ts';

const HOUR_MS = 3_600_000;
const PSEUDONYM = '0f1e2d3c4b5a69788796a5b4c3d2e1f0';
const reason = (expected: string) => (error: MeshError) => error.reason === expected;

describe('an emergency', () => {
  let service: PermitService;
  let persons: [Signer, Signer, Signer];
  let permitId: string;

  before(async () => {
    service = await startPermitService();
    persons = [await newSigner(), await newSigner(), await newSigner()];
  });
  beforeEach(async () => {
    service.log.away = false;
    const application = await service.apply();
    permitId = application.applicationId;
    const izin = izinFor(application, { emergency: emergencyOf(persons), operatorRequired: true });
    const request = { requestId: randomUUID(), applicationId: permitId, jws: await service.sign(izin) };
    const { answer } = await service.call(permits.issuePermit, request, walikotaGrant);
    assert.ok(answer.permit);
    await service.activate(answer.permit);
  });
  after(() => service.stop());

  const activation = (changes = {}) => activationOf(permitId, Date.now() - 1_000, changes);
  async function activate(
    given = activation(),
    by: readonly Signer[] = persons.slice(0, 2),
    requestId: string = randomUUID(),
  ) {
    const request = { requestId, permitId: given.permitId, jws: await confirm(given, ...by) };
    const { answer, auditIndex } = await service.call(emergencies.activateEmergency, request, walikotaGrant);
    assert.ok(answer.emergency);
    return { emergency: answer.emergency, auditIndex };
  }
  async function close({ activationId }: EmergencyRecord, by = persons[2], requestId: string = randomUUID()) {
    const request = { requestId, activationId, jws: await review({ permitId, activationId }, by) };
    const { answer } = await service.call(emergencies.reviewEmergency, request, walikotaGrant);
    return answer.emergency;
  }
  const state = async ({ activationId }: EmergencyRecord) => {
    const request = { includeReviewed: true, pageSize: 0, pageToken: '' };
    const { answer } = await service.call(emergencies.listEmergencies, request, walikotaGrant);
    return answer.emergencies.find((each) => each.activationId === activationId)?.state;
  };
  /** As if so much time had passed: the database alone knows when an emergency ends. */
  const pass = ({ activationId }: EmergencyRecord, hours: number) =>
    service.pool.query(
      'update emergencies set begins = begins - make_interval(hours => $2), ends = ends - make_interval(hours => $2) where activation_id = $1',
      [activationId, hours],
    );
  const keep = (...operators: string[]) =>
    keepEmergencies({ pool: service.pool, relay: service.relay, ringPolicy: () => {} }, async () => operators);
  const frozen = async () => {
    const request = { includeLifted: false, pageSize: 500, pageToken: '' };
    const { answer } = await service.call(directives.listDirectives, request, walikotaGrant);
    return answer.directives.map(({ frozenBy, directive }) => [frozenBy, directive?.target?.target?.value]);
  };

  /** What a broker says that reads the whole log. */
  async function brokerSays(operatorPseudonym = ''): Promise<string> {
    const { rows } = await service.pool.query<{ change: Buffer }>('select change from policy_log order by version');
    const base = emptySnapshot(methods, readOpdCodes(), service.pinned);
    const snapshot = await extendSnapshot(
      base,
      rows.map(({ change }) => change),
      permitVerifiers,
    );
    const request = requestOf({ permit: permitId, hasOperator: true, operatorPseudonym });
    const decision = decide(snapshot, request, at(Date.now()));
    return decision.allowed ? 'allowed' : decision.reason;
  }

  it('lets the permit count once two officials activated it, loud in the log', async () => {
    assert.equal(await brokerSays(), 'EMERGENCY_NOT_ACTIVE');
    const { emergency, auditIndex } = await activate();
    assert.equal(emergency.state, EmergencyState.ACTIVE);
    assert.equal(await brokerSays(), 'allowed');
    assert.equal(service.log.leaves[Number(auditIndex)]?.kind, Kind.POLICY);
    await service.recorded();
    const loud = service.log.leaves.filter((leaf) => leaf.emergency === emergency.activationId);
    assert.deepEqual(
      loud.map(({ kind }) => kind),
      [Kind.EMERGENCY_ACTIVATED],
    );
    assert.ok(loud[0]?.refersTo.equals(service.log.leaves[Number(auditIndex)]?.eventId ?? Buffer.alloc(0)));
  });

  it('needs two different officials of the permit, and a time that is not over', async () => {
    const [one, two] = persons;
    await assert.rejects(activate(activation(), [one, one]), reason('EMERGENCY_UNFIT'));
    await assert.rejects(activate(activation(), [one]), reason('REQUEST_INVALID'));
    await assert.rejects(activate(activation(), [one, await newSigner()]), reason('SIGNATURE_INVALID'));
    await assert.rejects(activate(activation({ version: 1 })), reason('EMERGENCY_UNFIT'));
    const over = activationOf(permitId, Date.now() - 73 * HOUR_MS);
    await assert.rejects(activate(over), reason('EMERGENCY_UNFIT'));
    const long = activation({ until: new Date(Date.now() + 73 * HOUR_MS) });
    await assert.rejects(activate(long), reason('REQUEST_INVALID'));
    await assert.rejects(activate(activationOf(randomUUID(), Date.now()), [one, two]), reason('PERMIT_NOT_FOUND'));
    assert.equal(await brokerSays(), 'EMERGENCY_NOT_ACTIVE');
  });

  it('is none of a permit that is not for emergencies, or is not in force', async () => {
    const ordinary = await service.permit();
    const given = activationOf(ordinary.permitId, Date.now());
    await assert.rejects(activate(given), reason('EMERGENCY_UNFIT'));
    const remarks = 'Laporan semester I belum masuk.';
    const suspend = { requestId: randomUUID(), permitId, reason: SuspensionReason.KEWAJIBAN_TIDAK_DIPENUHI, remarks };
    await service.call(permits.suspendPermit, { ...suspend, etag: undefined }, walikotaGrant);
    await assert.rejects(activate(), reason('STATE_CONFLICT'));
  });

  it('counts only once it is recorded, and a repeated request waits for the same', async () => {
    const given = activation();
    const requestId = randomUUID();
    service.log.away = true;
    await assert.rejects(activate(given, undefined, requestId), reason('AUDIT_UNAVAILABLE'));
    assert.equal(await brokerSays(), 'EMERGENCY_NOT_ACTIVE');
    service.log.away = false;
    const { emergency } = await activate(given, undefined, requestId);
    assert.equal(emergency.activationId, given.activationId);
    assert.equal(await brokerSays(), 'allowed');
    await assert.rejects(activate(activation(), undefined, requestId), reason('REQUEST_ID_REUSED'));
  });

  it('excludes a second one until it is over and reviewed by an official', async () => {
    const { emergency } = await activate();
    await assert.rejects(activate(activation()), reason('EMERGENCY_REVIEW_OPEN'));
    await assert.rejects(close(emergency), reason('EMERGENCY_REVIEW_OPEN'));
    await pass(emergency, 73);
    assert.equal(await state(emergency), EmergencyState.REVIEW_DUE);
    await assert.rejects(activate(activation()), reason('EMERGENCY_REVIEW_OPEN'));
    await assert.rejects(close(emergency, await newSigner()), reason('SIGNATURE_INVALID'));
    await assert.rejects(close({ ...emergency, activationId: randomUUID() }), reason('EMERGENCY_NOT_FOUND'));
    const closed = await close(emergency);
    assert.equal(closed?.state, EmergencyState.REVIEWED);
    assert.match(closed?.remarks ?? '', /diperiksa/);
    assert.equal(await brokerSays(), 'EMERGENCY_ENDED');
    const second = await activate();
    assert.equal(second.emergency.state, EmergencyState.ACTIVE);
    assert.equal(await brokerSays(), 'allowed');
  });

  it('gets a record when it is over, once', async () => {
    const { emergency } = await activate();
    await keep();
    await pass(emergency, 72);
    await Promise.all([keep(), keep()]);
    await keep();
    await service.recorded();
    const kinds = service.log.leaves
      .filter((leaf) => leaf.emergency === emergency.activationId)
      .map(({ kind, permit, opd }) => [kind, permit, opd]);
    assert.deepEqual(kinds.slice(1), [[Kind.EMERGENCY_ENDED, permitId, 'DKK']]);
  });

  it('freezes those who used it when the review does not come in time, and nobody when it does', async () => {
    const reviewed = await activate();
    await pass(reviewed.emergency, 73 + 13 * 24);
    await keep(PSEUDONYM);
    assert.deepEqual(await frozen(), []);
    await close(reviewed.emergency);
    await pass(reviewed.emergency, 48);
    await keep(PSEUDONYM);
    assert.deepEqual(await frozen(), []);

    const { emergency } = await activate();
    await pass(emergency, 73 + 14 * 24);
    const other = 'a'.repeat(32);
    await Promise.all([keep(PSEUDONYM, other), keep(PSEUDONYM, other)]);
    assert.deepEqual(
      (await frozen()).sort(),
      [
        ['MESH', PSEUDONYM],
        ['MESH', other],
      ].sort(),
    );
    assert.equal(await brokerSays(PSEUDONYM), 'OPERATOR_FROZEN');
    assert.equal(await state(emergency), EmergencyState.REVIEW_LATE);
    await service.recorded();
    const changes = service.log.leaves.filter(({ kind, permit }) => kind === Kind.POLICY && permit === permitId);
    assert.equal(changes.filter(({ narrows }) => narrows !== undefined).length, 2);
    // The review may still be closed; who is frozen stays so until the Walikota lifts it.
    assert.equal((await close(emergency))?.state, EmergencyState.REVIEWED);
    assert.equal((await frozen()).length, 2);
  });

  it('is listed page by page, and reviewed ones on demand', async () => {
    const { emergency } = await activate();
    const request = { includeReviewed: false, pageSize: 1, pageToken: '' };
    const { answer } = await service.call(emergencies.listEmergencies, request, walikotaGrant);
    assert.deepEqual(
      answer.emergencies.map(({ activationId }) => activationId),
      [emergency.activationId],
    );
    assert.equal(Number(answer.emergencies[0]?.reviewDue), Number(emergency.until) + 14 * 24 * HOUR_MS);
  });
});
