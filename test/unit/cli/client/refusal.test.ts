import assert from 'node:assert/strict';
import { Metadata, status } from '@grpc/grpc-js';
import { describe, it } from 'mocha';
import { refusalJson, refusalText } from '../../../../cli/client/print.ts';
import { refusalOf } from '../../../../cli/client/refusal.ts';
import { MeshError, reasonText, toGrpcError, toStatus } from '../../../../mesh/errors.ts';

function received(error: MeshError, trailers = new Metadata()) {
  const sent = toGrpcError(toStatus(error, 'id'), trailers);
  return Object.assign(new Error(sent.details), sent);
}

describe('refusal', () => {
  it('keeps the words, reason, fields, waiting time and record that the broker gave', () => {
    const trailers = new Metadata();
    trailers.set('rangkiang-audit-index', '17');
    const violations = [{ field: 'nik', description: 'does not match the pattern' }];
    const error = received(new MeshError('REQUEST_INVALID', { violations, retryAfterMs: 1_500 }), trailers);
    assert.deepEqual(refusalOf(error, '127.0.0.1:9400', 'id'), {
      code: 'INVALID_ARGUMENT',
      reason: 'REQUEST_INVALID',
      text: reasonText('REQUEST_INVALID', 'id'),
      violations,
      retryAfterMs: 1_500,
      auditIndex: '17',
    });
  });

  it('is told in words to people and as JSON to programs', () => {
    const refusal = refusalOf(received(new MeshError('NO_PERMIT')), '127.0.0.1:9400', 'id');
    assert.match(refusalText(refusal, 'id'), /^OPD Anda belum memiliki izin.*alasan +NO_PERMIT \(PERMISSION_DENIED\)/s);
    assert.equal(JSON.parse(refusalJson(refusal)).error.reason, 'NO_PERMIT');
  });

  it('says what to do when no broker answers', () => {
    const error = Object.assign(new Error('x'), {
      code: status.UNAVAILABLE,
      details: 'No connection established',
      metadata: new Metadata(),
    });
    assert.match(refusalOf(error, '127.0.0.1:9400', 'en').text, /127\.0\.0\.1:9400.*npm start/);
  });
});
