import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { pinnedKeys } from '#mesh/signing-keys.ts';
import { createCaCredential, validForDays } from '../../../cli/ca/certificate.ts';
import { newSigner } from '../../support/signing-keys.ts';

describe('pinned keys', () => {
  it('are those of one certificate or of several in one file', async () => {
    const [one, two, office] = [await newSigner(), await newSigner(), await newSigner({ isAuthority: true })];
    assert.deepEqual([...pinnedKeys(one.certPem).keys()], [one.key.thumbprint]);
    const keys = pinnedKeys(`# kunci kantor\n${one.certPem}${two.certPem}\n${office.certPem}`);
    assert.deepEqual(
      [...keys.keys()],
      [one, two, office].map(({ key }) => key.thumbprint),
    );
    assert.deepEqual(
      [...keys.values()].map(({ isAuthority }) => isAuthority),
      [false, false, true],
    );
  });

  it('cannot be none, nor of a certificate that cannot sign', async () => {
    assert.throws(() => pinnedKeys(''), /no certificate/);
    const { certPem } = await createCaCredential('TLS', validForDays(1));
    assert.throws(() => pinnedKeys(certPem), /Ed25519/);
  });
});
