import assert from 'node:assert/strict';
import { Metadata } from '@grpc/grpc-js';
import { describe, it } from 'mocha';
import { localeOf, readHeaders } from '../../../broker/headers.ts';

const UUID = '6f9b3f1e-93c4-4a6e-8d8e-0d6a1a2b3c4d';

function metadata(...headers: [string, string | Buffer][]): Metadata {
  const result = new Metadata();
  for (const [name, value] of headers) result.add(name, value);
  return result;
}

describe('headers of an OPD call', () => {
  it('are read as they were sent', () => {
    const headers = readHeaders(
      metadata(
        ['rangkiang-purpose', 'PELAYANAN_PUBLIK'],
        ['rangkiang-permit', UUID],
        ['rangkiang-case', 'RM 00-12/2026'],
        ['rangkiang-operator', 'a.b.c'],
        ['rangkiang-request-id', UUID],
        ['accept-language', 'en-GB'],
        ['user-agent', 'x'],
      ),
    );
    assert.deepEqual(headers, {
      purpose: 'PELAYANAN_PUBLIK',
      permit: UUID,
      caseNumber: 'RM 00-12/2026',
      operator: 'a.b.c',
      requestId: UUID,
      locale: 'en',
    });
  });

  it('may all be missing: the decision says what is needed', () => {
    assert.deepEqual(readHeaders(new Metadata()), {
      purpose: '',
      permit: '',
      caseNumber: '',
      operator: '',
      requestId: '',
      locale: 'id',
    });
  });

  it('are refused when a security header comes twice, in whichever way it arrives', () => {
    const twice = metadata(['rangkiang-purpose', 'PELAYANAN_PUBLIK'], ['rangkiang-purpose', 'PELAYANAN_PUBLIK']);
    assert.throws(() => readHeaders(twice), { reason: 'METADATA_DUPLICATED' });
    const joined = Metadata.fromHttp2Headers({ 'rangkiang-permit': `${UUID}, ${UUID}` });
    assert.throws(() => readHeaders(joined), { reason: 'METADATA_DUPLICATED' });
  });

  for (const name of ['rangkiang-grant-bin', 'rangkiang-grant', 'rangkiang-opd', 'rangkiang-purpose-bin']) {
    it(`refuse ${name}, which only the mesh may set`, () => {
      const value = name.endsWith('-bin') ? Buffer.from('x') : 'x';
      assert.throws(() => readHeaders(metadata([name, value])), { reason: 'METADATA_FORBIDDEN' });
    });
  }

  for (const [name, value] of [
    ['rangkiang-purpose', 'pelayanan publik'],
    ['rangkiang-permit', UUID.toUpperCase()],
    ['rangkiang-permit', '*'],
    ['rangkiang-case', ' leading'],
    ['rangkiang-case', 'x'.repeat(101)],
    ['rangkiang-request-id', '7'],
    ['rangkiang-operator', 'a b'],
  ] as const) {
    it(`refuse ${name} of the form "${value.slice(0, 20)}"`, () => {
      assert.throws(() => readHeaders(metadata([name, value])), { reason: 'METADATA_INVALID' });
    });
  }

  it('give Indonesian unless English is asked for', () => {
    assert.equal(localeOf(metadata(['accept-language', 'id'])), 'id');
    assert.equal(localeOf(metadata(['accept-language', 'enigma'])), 'id');
    assert.equal(localeOf(metadata(['accept-language', 'en'])), 'en');
  });
});
