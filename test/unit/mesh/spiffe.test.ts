import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { before, describe, it } from 'mocha';
import { meshId, opdId, peerOfCertificate } from '#mesh/spiffe.ts';
import { type TestCertificates, testCertificates } from '../../support/certificates.ts';

describe('peer of a certificate', () => {
  let certificates: TestCertificates;
  before(async () => {
    certificates = await testCertificates();
  });

  async function peerOf(files: { cert: string }) {
    return peerOfCertificate(new X509Certificate(await readFile(files.cert)).raw);
  }

  it('is the mesh process or the OPD system that its one URI name says', async () => {
    const mesh = await peerOf(await certificates.issue(meshId('resident')));
    assert.equal(mesh?.kind === 'MESH' && mesh.name, 'resident');
    const opd = await peerOf(await certificates.issue(opdId('DKK', 'PKM-LUBUK-BUAYA', 'simpus')));
    assert.deepEqual(opd?.kind === 'OPD' && [opd.opd, opd.unit, opd.system], ['DKK', 'PKM-LUBUK-BUAYA', 'simpus']);
  });

  const wrong: Record<string, string[]> = {
    'no URI name': [],
    'two URI names': [meshId('broker'), opdId('DKK', 'PUSAT', 'simpus')],
    'another trust domain': ['spiffe://padang.example/mesh/broker'],
    'a longer path': [`${meshId('broker')}/x`],
    'a URI that only begins like ours': ['spiffe://padang.go.id.evil/mesh/broker'],
    'small letters in the OPD': ['spiffe://padang.go.id/opd/dkk/unit/PUSAT/sistem/simpus'],
    'a slash in the unit': [opdId('DKK', 'PUSAT/unit/PKM-PAUH', 'simpus')],
    'an encoded slash in the OPD': [opdId('DKK%2FX', 'PUSAT', 'simpus')],
    'a colon in the system': [opdId('DKK', 'PUSAT', 'sim:pus')],
    'a bar in the unit': [opdId('DKK', 'PUSAT|X', 'simpus')],
    'a NUL after the system': [opdId('DKK', 'PUSAT', 'simpus\0')],
    'a line break after the system': [opdId('DKK', 'PUSAT', 'simpus\n')],
    'a query': [`${opdId('DKK', 'PUSAT', 'simpus')}?unit=PKM-PAUH`],
    'a comma that pretends to be a second name': [`spiffe://padang.go.id/x, URI:${meshId('broker')}`],
  };
  for (const [what, uris] of Object.entries(wrong)) {
    it(`is nobody with ${what}`, async () => {
      assert.equal(await peerOf(await certificates.issueOdd({ uris })), undefined);
    });
  }

  it('is nobody when it is the certificate of an authority', async () => {
    assert.equal(await peerOf({ cert: certificates.ca }), undefined);
  });
});
