import '../../../../cli/ca/reflect-metadata.ts';
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { after, before, describe, it } from 'mocha';
import { openAuthority } from '../../../../cli/ca/authority.ts';
import { commandLine } from '../../../support/command-line.ts';

describe('opd enrol', function () {
  this.timeout(240_000); // a process for each command line, on machines that may be busy
  let directory: string;
  let csr: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rangkiang-enrol-'));
    csr = join(directory, 'simpus.csr');
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
    const keys = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
    const request = await x509.Pkcs10CertificateRequestGenerator.create({
      name: 'CN=x',
      keys,
      signingAlgorithm: algorithm,
    });
    await writeFile(csr, request.toString('pem'));
  });
  after(() => rm(directory, { recursive: true }));

  it('refuses where no mesh was ever started: nobody would trust the certificate', async () => {
    const { code, stderr } = await commandLine('opd', 'enrol', 'DKK', '--csr', csr, '--state', join(directory, 'none'));
    assert.equal(code, 1);
    assert.match(stderr, /npm start/);
  });

  it('writes a certificate of the mesh for the unit and system that we name', async () => {
    const authority = await openAuthority(directory);
    const out = join(directory, 'simpus.crt');
    const words = ['opd', 'enrol', 'DKK', '--csr', csr, '--unit', 'PKM-PAUH', '--system', 'simpus', '--out', out];
    const { code, stdout } = await commandLine(...words, '--state', directory, '--json');
    assert.equal(code, 0);
    const certificate = new X509Certificate(await readFile(out));
    assert.ok(certificate.verify(new X509Certificate(await readFile(authority.certFile)).publicKey));
    const spiffeId = 'spiffe://padang.go.id/opd/DKK/unit/PKM-PAUH/sistem/simpus';
    assert.equal(certificate.subjectAltName, `URI:${spiffeId}`);
    assert.equal(JSON.parse(stdout).spiffeId, spiffeId);
  });

  it('prints the certificate alone on standard output when no file is named', async () => {
    await openAuthority(directory);
    const { stdout } = await commandLine('opd', 'enrol', 'DINSOS', '--csr', csr, '--state', directory);
    assert.match(new X509Certificate(stdout).subjectAltName ?? '', /opd\/DINSOS\/unit\/PUSAT\/sistem\/layanan$/);
  });

  it('refuses who is no OPD, and what is no request', async () => {
    await openAuthority(directory);
    const enrol = (...words: string[]) => commandLine('opd', 'enrol', ...words, '--state', directory);
    const refused: [words: string[], code: number][] = [
      [['WALIKOTA', '--csr', csr], 2],
      [['SECURITY', '--csr', csr], 2],
      [['DKK', '--csr', csr, '--unit', 'pkm/../x'], 2],
      [['DKK', '--csr', csr, '--system', 'Simpus'], 2],
      [['DKK'], 2],
      [['DKK', '--csr', join(directory, 'ca.crt')], 1],
      [['DKK', '--csr', join(directory, 'missing.csr')], 1],
    ];
    for (const [words, expected] of refused) {
      const { code, stdout, stderr } = await enrol(...words);
      assert.equal(code, expected, words.join(' '));
      assert.equal(stdout, '');
      assert.doesNotMatch(stderr, /\bat \w/, 'words, not a stack');
    }
  });
});
