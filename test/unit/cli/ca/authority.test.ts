import '../../../../cli/ca/reflect-metadata.ts';
import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:tls';
import * as x509 from '@peculiar/x509';
import { describe, it } from 'mocha';
import { testCertificates } from '../../../support/certificates.ts';

const simpus = 'spiffe://padang.go.id/opd/DKK/unit/PKM-LUBUK-BUAYA/sistem/simpus';
const broker = 'spiffe://padang.go.id/mesh/broker';

describe('authority', () => {
  it('issues client certificates with exactly one URI name and nothing else', async () => {
    const certificates = await testCertificates();
    const files = await certificates.issue(simpus);
    const certificate = new X509Certificate(await readFile(files.cert));
    assert.equal(certificate.subjectAltName, `URI:${simpus}`);
    assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2']);
    assert.equal(certificate.ca, false);
    assert.ok(certificate.checkPrivateKey(createPrivateKey(await readFile(files.key))));
  });

  it('gives processes of the mesh the local host names, so that ordinary TLS clients accept them', async () => {
    const certificates = await testCertificates();
    const [server, client] = [await certificates.issue(broker), await certificates.issue(simpus)];
    const listener = createServer({ ...(await contents(server)), requestCert: true, rejectUnauthorized: true });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const { port } = listener.address() as { port: number };
    for (const host of ['127.0.0.1', 'localhost']) {
      const accepted = new Promise<string | undefined>((resolve) =>
        listener.once('secureConnection', (socket) => resolve(socket.getPeerX509Certificate()?.subjectAltName)),
      );
      const socket = connect({
        port,
        host: '127.0.0.1',
        servername: host === 'localhost' ? host : '',
        ...(await contents(client)),
      });
      assert.equal(await accepted, `URI:${simpus}`);
      socket.destroy();
    }
    listener.close();
  });

  it('keeps a credential between starts, and makes it anew when another authority signed it', async () => {
    const certificates = await testCertificates();
    const stranger = await testCertificates();
    const files = await certificates.issue(simpus);
    const first = await readFile(files.cert, 'utf8');
    await certificates.issue(simpus);
    assert.equal(await readFile(files.cert, 'utf8'), first);
    const foreign = await stranger.issue(simpus);
    await writeFile(files.cert, await readFile(foreign.cert));
    await writeFile(files.key, await readFile(foreign.key));
    await certificates.issue(simpus);
    const ca = new X509Certificate(await readFile(certificates.ca));
    assert.ok(new X509Certificate(await readFile(files.cert)).verify(ca.publicKey));
  });

  it('lets nobody but the owner read a key', async () => {
    const certificates = await testCertificates();
    for (const file of [(await certificates.issue(simpus)).key, certificates.walikota.key]) {
      assert.equal((await stat(file)).mode & 0o777, 0o600);
    }
  });

  it('signs permits with an Ed25519 key that a certificate names', async () => {
    const { walikota } = await testCertificates();
    const certificate = new X509Certificate(walikota.certPem);
    assert.equal(certificate.publicKey.asymmetricKeyType, 'ed25519');
    assert.ok(certificate.checkPrivateKey(createPrivateKey(walikota.keyPem)));
  });

  it("certifies an OPD's own key under the name that we decide, whatever the request asks", async () => {
    const certificates = await testCertificates();
    const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
    const request = await x509.Pkcs10CertificateRequestGenerator.create({
      name: 'CN=WALIKOTA',
      keys,
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
      extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'url', value: broker }])],
    });
    const certificate = new X509Certificate(await certificates.certify(request.toString('pem'), simpus));
    assert.equal(certificate.subjectAltName, `URI:${simpus}`);
    assert.doesNotMatch(certificate.subject, /WALIKOTA/);
    const days = (certificate.validToDate.getTime() - Date.now()) / 86_400_000;
    assert.ok(days > 89 && days <= 90);
  });

  it('refuses a request that its key did not sign', async () => {
    const certificates = await testCertificates();
    const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
    const request = await x509.Pkcs10CertificateRequestGenerator.create({
      name: 'CN=x',
      keys,
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    });
    const bytes = Buffer.from(request.rawData);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    const forged = x509.PemConverter.encode(bytes, 'CERTIFICATE REQUEST');
    await assert.rejects(certificates.certify(forged, simpus), /does not verify/);
  });
});

async function contents(files: { ca: string; cert: string; key: string }) {
  const [ca, cert, key] = await Promise.all([readFile(files.ca), readFile(files.cert), readFile(files.key)]);
  return { ca, cert, key };
}
