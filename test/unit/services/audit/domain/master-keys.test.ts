import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'mocha';
import { MasterKeys } from '../../../../../services/audit/domain/master-keys.ts';

describe('MasterKeys', () => {
  const [older, newer] = [randomBytes(32), randomBytes(32)];
  const secret = randomBytes(32);
  const owner = randomBytes(16);
  const wrapped = new MasterKeys([older]).wrap(7n, owner, secret);

  it('opens what it wrapped, in the place where it was wrapped', () => {
    const masters = new MasterKeys([older]);
    assert.deepEqual(masters.unwrap(wrapped), secret);
    assert.throws(() => masters.unwrap({ ...wrapped, keyId: 8n }));
    assert.throws(() => masters.unwrap({ ...wrapped, ownerTag: randomBytes(16) }));
  });

  it('opens under an older key and wraps under the newest', () => {
    const both = new MasterKeys([newer, older]);
    assert.deepEqual(both.unwrap(wrapped), secret);
    const anew = both.wrap(7n, owner, secret);
    assert.deepEqual(new MasterKeys([newer]).unwrap(anew), secret);
  });

  it('says which master key is missing', () => {
    assert.throws(() => new MasterKeys([newer]).unwrap(wrapped), new RegExp(`lacks master key ${wrapped.master}`));
  });
});
