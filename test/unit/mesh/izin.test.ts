import assert from 'node:assert/strict';
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { CompactSign } from 'jose';
import { before, describe, it } from 'mocha';
import { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';
import type { MeshError } from '#mesh/errors.ts';
import { openHours } from '#mesh/hours.ts';
import { signIzin, verifyIzin } from '#mesh/izin.ts';
import { pinnedKeys } from '#mesh/signing-keys.ts';
import { testCertificates } from '../../support/certificates.ts';

const document = {
  permitId: '5f0d5f3a-2c1b-4b0e-9a55-0d6f5f7f0b01',
  number: '470/012/IZIN-DATA/2026',
  opd: 'DKK',
  units: [{ unit: 'PKM-LUBUK-BUAYA', regions: ['13.71.11'] }],
  purpose: 'PURPOSE_PELAYANAN_PUBLIK',
  methods: ['/rangkiang.resident.v1.ResidentService/GetResident'],
  elements: ['ELEMENT_NIK', 'ELEMENT_NAMA_LENGKAP'],
  quotaPerDay: 1000,
  quotaPerMinute: 60,
  rowCap: 10,
  minimumCell: 5,
  validFrom: '2026-01-01T00:00:00Z',
  validUntil: '2027-01-01T00:00:00Z',
};
const text = JSON.stringify(document);

describe('Izin as a signed document', () => {
  let walikota: { certPem: string; keyPem: string };
  let other: { certPem: string; keyPem: string };
  let key: KeyObject;

  before(async () => {
    walikota = (await testCertificates()).walikota;
    other = (await testCertificates()).walikota;
    key = createPrivateKey(walikota.keyPem);
  });

  const sign = (payload: string) => signIzin(Buffer.from(payload), walikota.keyPem, walikota.certPem);
  const refuses = async (jws: string, reason: string) =>
    assert.rejects(verifyIzin(jws, pinnedKeys(walikota.certPem)), (error: MeshError) => error.reason === reason);
  const headerOf = (jws: string) => JSON.parse(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString());
  const resign = (header: object, payload = text) =>
    new CompactSign(Buffer.from(payload)).setProtectedHeader(header as { alg: string }).sign(key);

  it('verifies what the Walikota signed and gives the message and its bytes', async () => {
    const { izin, bytes } = await verifyIzin(await sign(text), pinnedKeys(walikota.certPem));
    assert.equal(izin.opd, 'DKK');
    assert.equal(izin.purpose, Purpose.PELAYANAN_PUBLIK);
    assert.deepEqual(Izin.decode(bytes), izin);
    assert.deepEqual(izin.validUntil, new Date('2027-01-01T00:00:00Z'));
  });

  it('signs the bytes as they are, spaces and order included', async () => {
    const spaced = JSON.stringify(document, null, 4);
    const jws = await sign(spaced);
    assert.equal(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString(), spaced);
    await verifyIzin(jws, pinnedKeys(walikota.certPem));
  });

  it('refuses every changed character of payload and signature', async () => {
    const jws = await sign(text);
    const [header = '', payload = '', signature = ''] = jws.split('.');
    const larger = Buffer.from(text.replace('1000', '9000')).toString('base64url');
    await refuses([header, larger, signature].join('.'), 'SIGNATURE_INVALID');
    const flipped = (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1);
    await refuses([header, payload, flipped].join('.'), 'SIGNATURE_INVALID');
    await refuses([header, payload, ''].join('.'), 'SIGNATURE_INVALID');
    await refuses('not a jws', 'SIGNATURE_INVALID');
  });

  it('refuses another signer, also when the header names the pinned certificate', async () => {
    await refuses(await signIzin(Buffer.from(text), other.keyPem, other.certPem), 'SIGNATURE_INVALID');
    await refuses(await signIzin(Buffer.from(text), other.keyPem, walikota.certPem), 'SIGNATURE_INVALID');
  });

  it('refuses any header but exactly its own four fields', async () => {
    const header = headerOf(await sign(text));
    await verifyIzin(await resign(header), pinnedKeys(walikota.certPem));
    await refuses(await resign({ ...header, typ: 'JWT' }), 'SIGNATURE_INVALID');
    await refuses(await resign({ ...header, kid: 'walikota' }), 'SIGNATURE_INVALID');
    await refuses(await resign({ ...header, 'x5t#S256': 'AAAA' }), 'SIGNATURE_INVALID');
    await refuses(await resign({ ...header, iat: '1790000000' }), 'SIGNATURE_INVALID');
    const { iat: _, ...timeless } = header;
    await refuses(await resign(timeless), 'SIGNATURE_INVALID');
    const none = Buffer.from(JSON.stringify({ ...header, alg: 'none' })).toString('base64url');
    await refuses(`${none}.${Buffer.from(text).toString('base64url')}.`, 'SIGNATURE_INVALID');
  });

  it('refuses a document with a field that we do not understand', async () => {
    await refuses(await sign(JSON.stringify({ ...document, everything: true })), 'REQUEST_INVALID');
    await refuses(await sign(JSON.stringify({ ...document, elements: ['ELEMENT_NEW'] })), 'REQUEST_INVALID');
  });

  it('refuses elements in another letter case, by part of a name or as a group, and regions beyond the city', async () => {
    const names = [
      'element_nik',
      'Element_Nik',
      'NIK',
      'ELEMENT_NIK ',
      'ELEMENT_NAMA',
      'ELEMENT_*',
      '*',
      'ELEMENT_ALL',
    ];
    for (const name of names) {
      await refuses(await sign(JSON.stringify({ ...document, elements: [name] })), 'REQUEST_INVALID');
      await refuses(await sign(JSON.stringify({ ...document, elements: ['ELEMENT_NIK', name] })), 'REQUEST_INVALID');
    }
    for (const elements of [[99], [34], [-30], [0], 'ELEMENT_NIK', [['ELEMENT_NIK']], [null]]) {
      await refuses(await sign(JSON.stringify({ ...document, elements })), 'REQUEST_INVALID');
    }
    for (const region of ['', '13', '13.', '1', '*', '13.71.*', '13.71.0', '13.710', '13.72', '13.71 ', '1371']) {
      const units = [{ unit: 'PUSAT', regions: [region] }];
      await refuses(await sign(JSON.stringify({ ...document, units })), 'REQUEST_INVALID');
    }
  });

  it('refuses a document that breaks a rule of its fields', async () => {
    await refuses(await sign(JSON.stringify({ ...document, validUntil: document.validFrom })), 'REQUEST_INVALID');
    await refuses(await sign(JSON.stringify({ ...document, elements: ['ELEMENT_CACAT'] })), 'REQUEST_INVALID');
    await refuses(await sign(JSON.stringify({ ...document, elements: ['ELEMENT_SIDIK_JARI'] })), 'REQUEST_INVALID');
    await refuses(await sign(JSON.stringify({ ...document, quotaPerDay: 0 })), 'REQUEST_INVALID');
  });

  it('takes a document of before hours and legal basis as usable at any hour, with nothing stated', async () => {
    const { izin } = await verifyIzin(await sign(text), pinnedKeys(walikota.certPem));
    assert.deepEqual([izin.hours, izin.legalBasis, izin.subPurpose], [[], '', '']);
    assert.equal(openHours(izin.hours), undefined);
  });

  it('holds hours, legal basis and sub-purpose, and refuses those that cannot be read', async () => {
    const hours = [{ days: ['WEEKDAY_MONDAY', 'WEEKDAY_FRIDAY'], from: '22:00', until: '06:00' }];
    const stated = { hours, legalBasis: 'Perwali 12/2024 Pasal 3', subPurpose: 'pendaftaran pasien' };
    const { izin } = await verifyIzin(
      await sign(JSON.stringify({ ...document, ...stated })),
      pinnedKeys(walikota.certPem),
    );
    assert.deepEqual(izin.hours, [{ days: [1, 5], from: '22:00', until: '06:00' }]);
    assert.deepEqual([izin.legalBasis, izin.subPurpose], [stated.legalBasis, stated.subPurpose]);
    const [window] = hours;
    for (const changes of [
      { hours: [{ ...window, from: '24:00' }] },
      { hours: [{ ...window, from: '7:30' }] },
      { hours: [{ ...window, until: '24:01' }] },
      { hours: [{ ...window, until: '22:00' }] },
      { hours: [{ from: '07:30' }] },
      { hours: [{ ...window, days: ['WEEKDAY_UNSPECIFIED'] }] },
      { hours: [{ ...window, days: ['WEEKDAY_MONDAY', 'WEEKDAY_MONDAY'] }] },
      { hours: Array.from({ length: 15 }, () => window) },
      { legalBasis: 'x'.repeat(121) },
      { legalBasis: 'Perwali\n12' },
      { legalBasis: ' Perwali 12' },
      { subPurpose: 'x'.repeat(301) },
      { subPurpose: 'pasien\u0000' },
    ]) {
      await refuses(await sign(JSON.stringify({ ...document, ...changes })), 'REQUEST_INVALID');
    }
  });

  it('refuses a text that two readers could read in two ways', async () => {
    await refuses(await sign(text.replace('"rowCap":10', '"rowCap":10,"rowCap":9000')), 'REQUEST_INVALID');
    await refuses(await sign(text.replace('"rowCap":10', '"rowCap":10,"row_cap":9000')), 'REQUEST_INVALID');
    await refuses(await sign(text.replace('"rowCap"', '"r\\u006fwCap"')), 'REQUEST_INVALID');
    await refuses(await sign(text.replace('{"unit"', '{"unit":"PUSAT","unit"')), 'REQUEST_INVALID');
    await refuses(await sign(`\uFEFF${text}`), 'REQUEST_INVALID');
    const broken = Buffer.concat([Buffer.from(text.slice(0, 60)), Buffer.from([0xc3]), Buffer.from(text.slice(60))]);
    await refuses(await signIzin(broken, walikota.keyPem, walikota.certPem), 'REQUEST_INVALID');
  });

  it('takes quotes, colons and braces inside values for what they are', async () => {
    const number = '470/":{"opd":"X"},\\"/2026';
    const { izin } = await verifyIzin(
      await sign(JSON.stringify({ ...document, number })),
      pinnedKeys(walikota.certPem),
    );
    assert.equal(izin.number, number);
  });

  it('refuses to use a certificate without an Ed25519 key', async () => {
    const mesh = await (await testCertificates()).issue('spiffe://padang.go.id/mesh/permit');
    const certPem = await readFile(mesh.cert, 'utf8');
    assert.throws(() => pinnedKeys(certPem), /Ed25519/);
  });
});
