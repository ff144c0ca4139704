import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'mocha';
import { OperatorKeyAlgorithm } from '#gen/rangkiang/permit/v1/operator.ts';
import { readJwks } from '../../../../../services/permit/domain/operator-jwks.ts';

const ed = { ...generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }), kid: 'ed' };
const es = { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }), kid: 'es' };
const p384 = { ...generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' }), kid: 'x' };
const rsa = { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' }), kid: 'x' };
const x25519 = { ...generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' }), kid: 'x' };
const secret = { ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }), kid: 'x' };

const read = (...keys: unknown[]) => readJwks(JSON.stringify({ keys }));

describe('a JWK Set of operators', () => {
  it('is read with all that a public key may say of itself', () => {
    const keys = read(
      { ...ed, alg: 'EdDSA', use: 'sig', key_ops: ['verify'], x5c: ['ignored'] },
      { ...es, alg: 'ES256' },
    );
    assert.ok(!('field' in keys));
    assert.deepEqual(
      keys.map(({ kid, algorithm, publicKey }) => [kid, algorithm, publicKey.length]),
      [
        ['ed', OperatorKeyAlgorithm.EDDSA, 32],
        ['es', OperatorKeyAlgorithm.ES256, 64],
      ],
    );
    assert.equal(keys[0]?.publicKey.toString('base64url'), ed.x);
    assert.equal(
      keys[1]?.publicKey.toString('base64url'),
      `${Buffer.concat([es.x, es.y].map((c) => Buffer.from(c ?? '', 'base64url'))).toString('base64url')}`,
    );
  });

  const twentyOne = Array.from({ length: 21 }, (_, at) => ({ ...ed, kid: `${at}` }));
  it('may hold 20 keys', () => assert.equal((read(...twentyOne.slice(1)) as unknown[]).length, 20));

  for (const [how, fault, where] of [
    ['that is no JSON', readJwks('x'), 'jwks'],
    ['that is one key', readJwks(JSON.stringify(ed)), 'jwks'],
    ['that is a list', readJwks(JSON.stringify([ed])), 'jwks'],
    ['without keys', read(), 'jwks'],
    ['of 21 keys', read(...twentyOne), 'jwks'],
    ['with something that is no key', read(ed, null), 'jwks.keys[1]'],
    ['with one kid twice', read(ed, { ...es, kid: 'ed' }), 'jwks.keys[1]'],
    ['with a key without kid', read({ ...ed, kid: undefined }), 'jwks.keys[0]'],
    ['with a kid that holds a blank', read({ ...ed, kid: 'a b' }), 'jwks.keys[0]'],
    ['with a private key', read(ed, secret), 'jwks.keys[1]'],
    ['with a shared secret', read({ kty: 'oct', k: 'AAAA', kid: 'x', alg: 'HS256' }), 'jwks.keys[0]'],
    ['with an RSA key', read(rsa), 'jwks.keys[0]'],
    ['with a key of P-384', read(p384), 'jwks.keys[0]'],
    ['with a key for agreement', read(x25519), 'jwks.keys[0]'],
    ['with a key for encryption', read({ ...ed, use: 'enc' }), 'jwks.keys[0]'],
    ['with a key for signing', read({ ...ed, key_ops: ['sign', 'verify'] }), 'jwks.keys[0]'],
    ['with an alg that is not its own', read({ ...ed, alg: 'ES256' }), 'jwks.keys[0]'],
    ['with a coordinate in another spelling', read({ ...ed, x: `${ed.x}=` }), 'jwks.keys[0]'],
    ['with a coordinate that is short', read({ ...es, y: 'AAAA' }), 'jwks.keys[0]'],
    ['with a point beside the curve', read({ ...es, y: es.x }), 'jwks.keys[0]'],
  ] as const) {
    it(`is refused ${how}, by its place and in words`, () => {
      assert.ok('field' in fault);
      assert.equal(fault.field, where);
      assert.ok(fault.description.length > 10);
    });
  }

  it('tells which private member it saw, and never its value', () => {
    const fault = read(secret);
    assert.ok('field' in fault);
    assert.match(fault.description, /private member "d"/);
    assert.ok(!fault.description.includes(String(secret.d)));
  });
});
