import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { BadRequest, ErrorInfo, LocalizedMessage, RetryInfo } from '#gen/google/rpc/error_details.ts';
import { Status } from '#gen/google/rpc/status.ts';
import { ErrorReason } from '#gen/rangkiang/type/v1/error_reason.ts';
import { errorTexts } from '#mesh/error-texts.ts';
import { asMeshError, ERROR_DOMAIN, MeshError, reasonOf, toStatus } from '#mesh/errors.ts';

function details(bytes: Buffer): Map<string, Buffer> {
  return new Map(Status.decode(bytes).details.map((detail) => [detail.typeUrl.split('.').at(-1) ?? '', detail.value]));
}

describe('errors', () => {
  it('have a text in both languages for every reason of the contract', () => {
    const reasons = Object.keys(ErrorReason).filter((reason) => reason !== 'UNSPECIFIED');
    assert.deepEqual(Object.keys(errorTexts).sort(), reasons.sort());
    for (const { id, en } of Object.values(errorTexts)) assert.ok(id.endsWith('.') && en.endsWith('.') && id !== en);
  });

  it('carry reason, text in the language asked, fields at fault and when to come back', () => {
    const error = new MeshError('REQUEST_INVALID', {
      violations: [{ field: 'nik', description: 'must have 16 digits' }],
      retryAfterMs: 1_500,
    });
    const status = toStatus(error, 'en');
    const parts = details(status.details);
    assert.equal(status.code, 3);
    assert.match(status.message, /nik: must have 16 digits/);
    const info = ErrorInfo.decode(parts.get('ErrorInfo') ?? Buffer.alloc(0));
    assert.deepEqual([info.reason, info.domain], ['REQUEST_INVALID', ERROR_DOMAIN]);
    assert.equal(LocalizedMessage.decode(parts.get('LocalizedMessage') ?? Buffer.alloc(0)).locale, 'en');
    assert.equal(BadRequest.decode(parts.get('BadRequest') ?? Buffer.alloc(0)).fieldViolations[0]?.field, 'nik');
    assert.deepEqual(RetryInfo.decode(parts.get('RetryInfo') ?? Buffer.alloc(0)).retryDelay, {
      seconds: 1n,
      nanos: 5e8,
    });
    assert.equal(reasonOf(status.details), 'REQUEST_INVALID');
  });

  it('show nothing of a fault of ours', () => {
    const status = toStatus(asMeshError(new Error('relation "residents" does not exist')), 'id');
    assert.equal(status.code, 13);
    assert.ok(!status.details.includes('residents') && !status.message.includes('residents'));
  });

  it('tell a database that is away from a fault', () => {
    for (const code of ['ECONNREFUSED', '08006', '57P01']) {
      assert.equal(asMeshError(Object.assign(new Error('x'), { code })).reason, 'SERVICE_UNAVAILABLE');
    }
    assert.equal(asMeshError(new Error('Connection terminated unexpectedly')).reason, 'SERVICE_UNAVAILABLE');
    assert.equal(asMeshError(Object.assign(new Error('x'), { code: '23505' })).reason, 'INTERNAL');
  });

  it('take no reason from strangers', () => {
    assert.equal(reasonOf(Buffer.from('not a status')), undefined);
    const foreign = ErrorInfo.encode({ reason: 'NO_PERMIT', domain: 'example.org', metadata: new Map() }).finish();
    const bytes = Status.encode({
      code: 7,
      message: '',
      details: [{ typeUrl: 'type.googleapis.com/google.rpc.ErrorInfo', value: Buffer.from(foreign) }],
    }).finish();
    assert.equal(reasonOf(bytes), undefined);
  });
});
