import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import pg from 'pg';
import { createLogger, describeError } from '#mesh/log.ts';

const nik = '1371034509910004';

describe('describeError', () => {
  it('keeps what a developer needs of our own errors', () => {
    const error = Object.assign(new Error('no answer from audit', { cause: new TypeError('x is not iterable') }), {
      code: 'ECONNREFUSED',
      reason: 'AUDIT_UNAVAILABLE',
    });
    const described = describeError(error);
    assert.equal(described.message, 'no answer from audit');
    assert.equal(described.code, 'ECONNREFUSED');
    assert.equal(described.reason, 'AUDIT_UNAVAILABLE');
    assert.equal(described.cause?.message, 'x is not iterable');
    assert.match(described.stack?.[0] ?? '', /^at .*log\.test\.ts/);
  });

  it('keeps codes, but no text, of errors that quote the data', () => {
    const duplicate = new pg.DatabaseError(`Key (nik)=(${nik}) already exists.`, 0, 'error');
    Object.assign(duplicate, {
      code: '23505',
      severity: 'ERROR',
      constraint: 'residents_pkey',
      detail: nik,
      where: nik,
    });
    assert.equal(describeError(duplicate).code, '23505');
    assert.equal(describeError(duplicate).constraint, 'residents_pkey');

    const unparsed = attempt(() => JSON.parse(`{nik:${nik}}`));
    const notANumber = attempt(() => BigInt(`${nik}x`));
    for (const error of [duplicate, unparsed, notANumber, new Error('import failed', { cause: duplicate })]) {
      assert(!JSON.stringify(describeError(error)).includes(nik));
    }
  });

  it('says only the type of what is not an error', () => {
    assert.deepEqual(describeError(nik), { type: 'string' });
  });
});

describe('createLogger', () => {
  it('takes an unknown level for info', () => {
    assert.equal(createLogger('test', 'warn').level, 'warn');
    assert.equal(createLogger('test', 'loud').level, 'info');
    assert.equal(createLogger('test', undefined).level, 'info');
  });
});

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
