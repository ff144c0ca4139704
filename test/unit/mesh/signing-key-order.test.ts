import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { printJson } from '#mesh/contract.ts';
import type { MeshError } from '#mesh/errors.ts';
import { signDocument, signIzin, verifyIzin } from '#mesh/izin.ts';
import { withKeyOrder } from '#mesh/signing-key-order.ts';
import { pinnedKeys, type SigningKeys, signingKeyOf } from '#mesh/signing-keys.ts';
import { createCaCredential, validForDays } from '../../../cli/ca/certificate.ts';
import { izinOf } from '../../support/policy.ts';
import { newSigner, orderBy, type Signer } from '../../support/signing-keys.ts';

const text = Buffer.from(printJson('rangkiang.permit.v1.Izin', Izin.encode(izinOf()).finish()));
const izinKind = { typ: 'rangkiang-izin+json', message: 'rangkiang.permit.v1.Izin' };
const reason = (expected: string) => (error: MeshError) => error.reason === expected;

describe('an order about signing keys', () => {
  let first: Signer;
  let second: Signer;
  let third: Signer;
  let office: Signer;
  let pinned: SigningKeys;
  before(async () => {
    [first, second, third] = [await newSigner(), await newSigner(), await newSigner()];
    office = await newSigner({ isAuthority: true });
    pinned = pinnedKeys(first.certPem + office.certPem);
  });

  const ordered = async (keys: SigningKeys, ...orders: Promise<string>[]) => {
    let now = keys;
    for (const order of orders) now = (await withKeyOrder(now, await order)).keys;
    return now;
  };
  const signs = async (signer: Signer, keys: SigningKeys) => {
    const jws = await signIzin(text, signer.keyPem, signer.certPem);
    return verifyIzin(jws, keys).then(
      () => 'SIGNS',
      (error: MeshError) => error.reason,
    );
  };
  const refuses = async (keys: SigningKeys, order: Promise<string>, expected: string) =>
    assert.rejects(withKeyOrder(keys, await order), reason(expected));

  it('by the key in use hands over to the next one, and leaves the keys before as they were', async () => {
    const keys = await ordered(pinned, orderBy(first, { ends: first, begins: second }));
    assert.equal(await signs(first, keys), 'SIGNING_KEY_ENDED');
    assert.equal(await signs(second, keys), 'SIGNS');
    assert.equal(await signs(third, keys), 'SIGNATURE_INVALID');
    assert.equal(await signs(first, pinned), 'SIGNS');
    assert.equal(await signs(second, pinned), 'SIGNATURE_INVALID');
  });

  it('follows another: only the last of the chain signs', async () => {
    const steps = [orderBy(first, { ends: first, begins: second }), orderBy(second, { ends: second, begins: third })];
    const keys = await ordered(pinned, ...steps);
    assert.deepEqual(
      [await signs(first, keys), await signs(second, keys), await signs(third, keys)],
      ['SIGNING_KEY_ENDED', 'SIGNING_KEY_ENDED', 'SIGNS'],
    );
    // The second step alone rests on nothing.
    await refuses(pinned, orderBy(second, { ends: second, begins: third }), 'SIGNATURE_INVALID');
  });

  it('counts by the signature alone: of a stranger, of the new key itself, or of nobody it is nothing', async () => {
    await refuses(pinned, orderBy(second, { ends: first, begins: second }), 'SIGNATURE_INVALID');
    const claimed = orderBy({ keyPem: second.keyPem, certPem: first.certPem }, { ends: first, begins: second });
    await refuses(pinned, claimed, 'SIGNATURE_INVALID');
    await refuses(pinned, Promise.resolve(''), 'SIGNATURE_INVALID');
    const asIzin = signDocument({ ...izinKind, message: '' }, text, first.keyPem, first.certPem);
    await refuses(pinned, asIzin, 'SIGNATURE_INVALID');
  });

  it('of a key is about itself only', async () => {
    const both = pinnedKeys(first.certPem + second.certPem + office.certPem);
    await refuses(both, orderBy(first, { ends: second }), 'SIGNING_KEY_UNKNOWN');
    await refuses(both, orderBy(first, { begins: third }), 'SIGNING_KEY_UNKNOWN');
    await refuses(both, orderBy(first, { ends: office, begins: third }), 'SIGNING_KEY_UNKNOWN');
    const keys = await ordered(both, orderBy(first, { ends: first }));
    assert.deepEqual([await signs(first, keys), await signs(second, keys)], ['SIGNING_KEY_ENDED', 'SIGNS']);
  });

  it('of the office authority withdraws and replaces any key, and no pinned authority', async () => {
    const stolen = await ordered(pinned, orderBy(office, { ends: first }));
    assert.equal(await signs(first, stolen), 'SIGNING_KEY_ENDED');
    await refuses(stolen, orderBy(first, { ends: first, begins: second }), 'SIGNING_KEY_ENDED');
    await refuses(stolen, orderBy(office, { ends: first, begins: second }), 'SIGNING_KEY_ENDED');
    assert.equal(await signs(second, await ordered(stolen, orderBy(office, { begins: second }))), 'SIGNS');
    const replaced = await ordered(pinned, orderBy(office, { ends: first, begins: second }));
    assert.deepEqual([await signs(first, replaced), await signs(second, replaced)], ['SIGNING_KEY_ENDED', 'SIGNS']);
    await refuses(pinned, orderBy(office, { ends: office }), 'SIGNING_KEY_UNKNOWN');
    await refuses(pinned, orderBy(office, { ends: third }), 'SIGNING_KEY_UNKNOWN');
  });

  it('is all that the office authority signs', async () => {
    assert.equal(await signs(office, pinned), 'SIGNATURE_INVALID');
  });

  it('repeated, brings no ended key back', async () => {
    const begin = orderBy(office, { begins: second });
    const keys = await ordered(pinned, begin, orderBy(second, { ends: second }));
    await refuses(keys, begin, 'SIGNING_KEY_UNUSABLE');
    const rotation = orderBy(first, { ends: first, begins: third });
    await refuses(await ordered(pinned, rotation), rotation, 'SIGNING_KEY_ENDED');
  });

  it('begins no key that cannot be one', async () => {
    const authority = await newSigner({ isAuthority: true });
    await refuses(pinned, orderBy(first, { ends: first, begins: authority }), 'SIGNING_KEY_UNUSABLE');
    await refuses(pinned, orderBy(first, { ends: first, begins: first }), 'SIGNING_KEY_UNUSABLE');
    const tls = await createCaCredential('TLS', validForDays(1));
    const raw = Buffer.from(tls.certPem.split('\n').slice(1, -2).join(''), 'base64');
    const certificate = { ...first.key.certificate, raw };
    const odd = { ...first, key: { ...first.key, certificate } } as unknown as Signer;
    await refuses(pinned, orderBy(first, { ends: first, begins: odd }), 'SIGNING_KEY_UNUSABLE');
    assert.throws(() => signingKeyOf(raw), /Ed25519/);
  });

  it('and every document count when they were signed inside the validity of the certificate, whenever they are read', async () => {
    const day = 86_400_000;
    const [start, end] = [Date.now() - 400 * day, Date.now() - 35 * day];
    const old = await newSigner({ validity: { notBefore: new Date(start), notAfter: new Date(end) } });
    const keys = pinnedKeys(old.certPem);
    const signedAt = async (ms: number) => {
      const jws = await signDocument(izinKind, text, old.keyPem, old.certPem, new Date(ms));
      return verifyIzin(jws, keys).then(
        () => 'SIGNS',
        (error: MeshError) => error.reason,
      );
    };
    const second = 1_000;
    assert.equal(await signedAt(start + second), 'SIGNS');
    assert.equal(await signedAt(end - second), 'SIGNS');
    assert.equal(await signedAt(end + second), 'SIGNING_KEY_EXPIRED');
    assert.equal(await signedAt(start - 2 * second), 'SIGNING_KEY_EXPIRED');
    await refuses(keys, orderBy(old, { ends: old, begins: third }), 'SIGNING_KEY_EXPIRED');
  });
});
