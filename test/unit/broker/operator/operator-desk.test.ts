import assert from 'node:assert/strict';
import { createHmac, createPublicKey } from 'node:crypto';
import fc from 'fast-check';
import { importPKCS8, SignJWT } from 'jose';
import { before, describe, it } from 'mocha';
import { type MeshError, reasonText } from '#mesh/errors.ts';
import { OPERATOR_AUDIENCE, operatorDigest } from '#mesh/operator.ts';
import { type OperatorCheck, operatorChecks } from '../../../../broker/operator/faults.ts';
import { OperatorDesk } from '../../../../broker/operator/operator-desk.ts';
import type { PolicyTime } from '../../../../broker/policy/decide.ts';
import type { Snapshot } from '../../../../broker/policy/snapshot.ts';
import {
  operatorsCaller as caller,
  ISSUER,
  keysRegistered,
  keysWithdrawn,
  makeTestKey,
  operatorWithdrawn,
  part,
  rightClaims,
  SUB,
  signParts,
  tokenOf,
} from '../../../support/operators.ts';
import { at, noon, snapshotOf } from '../../../support/policy.ts';

const pseudonymKey = Buffer.alloc(32, 7);
const [ed, es, own, stranger, gone] = [
  makeTestKey('ed'),
  makeTestKey('es', 'ES256'),
  makeTestKey('own'),
  makeTestKey('stranger'),
  makeTestKey('gone'),
];
const changes = [
  keysRegistered([ed, es, gone]),
  keysRegistered([own], { issuer: 'kunci-sendiri', operator: SUB }),
  keysRegistered([stranger], { opd: 'DINSOS', issuer: 'https://sso.dinsos' }),
  keysWithdrawn(['gone']),
  operatorWithdrawn('199901012020012001'),
];
const iat = noon / 1000;

/** Another last letter for the same bytes: 64 bytes leave four bits of the last letter unused. */
function nextLetter(signature: string): string {
  return signature.slice(0, -1) + String.fromCharCode(signature.charCodeAt(signature.length - 1) + 1);
}

describe('the operator desk', () => {
  let snapshot: Snapshot;
  before(async () => {
    snapshot = await snapshotOf(...changes);
  });

  const verify = (token: string, who = caller, time: PolicyTime = at(noon), desk = new OperatorDesk(pseudonymKey)) =>
    desk.verify(token, who, snapshot, time);

  /** The check at which a token fails; "" when it passes. */
  function checkOf(token: string, who = caller, time: PolicyTime = at(noon), desk?: OperatorDesk): string {
    try {
      verify(token, who, time, desk);
      return '';
    } catch (error) {
      const { reason, values } = error as MeshError;
      assert.equal(reason, 'OPERATOR_INVALID');
      const told = reasonText(reason, 'id', values) + reasonText(reason, 'en', values) + JSON.stringify(values);
      assert.ok(!told.includes(SUB) && !told.includes('Siti') && !told.includes(token.slice(-20)));
      return values.check ?? '';
    }
  }

  for (const key of [ed, es]) {
    it(`takes a token of ${key.alg}, for the sealed part by id and name, for all else by a pseudonym`, () => {
      const { asserted, label, pseudonym } = verify(tokenOf(key));
      assert.equal(label, `${SUB} Siti Rahmawati`);
      assert.equal(pseudonym, createHmac('sha256', pseudonymKey).update(`DKK\n${SUB}`).digest('hex').slice(0, 32));
      assert.equal(asserted.digest, operatorDigest('DKK', SUB).toString('hex'));
      assert.deepEqual([asserted.issuer, asserted.kid], [ISSUER, key.kid]);
      assert.equal(verify(tokenOf(key, { name: undefined })).label, SUB);
    });
  }

  it('takes what jose makes', async () => {
    const pem = ed.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const { opd, unit, sistem } = rightClaims;
    const token = await new SignJWT({ opd, unit, sistem })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'ed', typ: 'JWT' })
      .setIssuer(ISSUER)
      .setAudience(OPERATOR_AUDIENCE)
      .setSubject(SUB)
      .setIssuedAt(iat)
      .setExpirationTime(iat + 300)
      .sign(await importPKCS8(pem, 'EdDSA'));
    assert.equal(verify(token).label, SUB);
  });

  const payload = JSON.stringify(rightClaims);
  const header = '{"alg":"EdDSA","kid":"ed"}';
  const publicPem = createPublicKey(ed.privateKey).export({ type: 'spki', format: 'pem' });
  const hs256 = `${part('{"alg":"HS256","kid":"ed"}')}.${part(payload)}`;
  const [head = '', body = '', signature = ''] = tokenOf(ed).split('.');
  const bound = { 'x5t#S256': caller.thumbprint };

  /** Every way in which a token can be wrong: how it is called, the token, and where it must fail. */
  const wrong: readonly (readonly [string, string, OperatorCheck])[] = [
    ['of more than 4096 letters', tokenOf(ed, { more: 'x'.repeat(4096) }), 'SIZE'],
    ['of two parts', `${head}.${body}`, 'FORM'],
    ['of four parts', `${head}.${body}.${signature}.x`, 'FORM'],
    ['without a signature', `${head}.${body}.`, 'FORM'],
    ['with a signature in another spelling', `${head}.${body}.${signature}=`, 'FORM'],
    ['with spare bits in its last letter', `${head}.${body}.${nextLetter(signature)}`, 'FORM'],
    ['with a signature that is longer', `${head}.${body}.${signature}AA`, 'SIGNATURE'],
    ['whose header is no JSON', signParts(ed, 'alg', payload), 'HEADER'],
    ['whose header is a list', signParts(ed, '["EdDSA"]', payload), 'HEADER'],
    ['without kid', tokenOf(ed, {}, { kid: undefined }), 'HEADER'],
    ['of another typ', tokenOf(ed, {}, { typ: 'rangkiang-izin+json' }), 'HEADER'],
    ['that brings its own key', tokenOf(stranger, {}, { kid: 'ed', jwk: { kty: 'OKP' } }), 'HEADER'],
    ['that says where its key is', tokenOf(stranger, {}, { kid: 'ed', jku: 'https://x' }), 'HEADER'],
    ['with crit', tokenOf(ed, {}, { crit: ['b64'], b64: false }), 'HEADER'],
    ['with alg twice', signParts(ed, '{"alg":"none","alg":"EdDSA","kid":"ed"}', payload), 'HEADER'],
    ['of alg none', `${part('{"alg":"none","kid":"ed"}')}.${body}.${signature}`, 'ALGORITHM'],
    ['of alg NONE', `${part('{"alg":"NONE","kid":"ed"}')}.${body}.${signature}`, 'ALGORITHM'],
    [
      'of HS256 under the public key as secret',
      `${hs256}.${createHmac('sha256', publicPem).update(hs256).digest('base64url')}`,
      'ALGORITHM',
    ],
    ['of RS256', tokenOf(ed, {}, { alg: 'RS256' }), 'ALGORITHM'],
    ['of ES256 under an EdDSA key', tokenOf(es, {}, { kid: 'ed' }), 'ALGORITHM'],
    ['whose payload is no JSON', signParts(ed, header, 'x'), 'CLAIMS'],
    ['whose payload is no UTF-8', signParts(ed, header, '').replace('..', `.${part(Buffer.from([0xff]))}.`), 'CLAIMS'],
    ['with sub twice', signParts(ed, header, `{"sub":"1",${payload.slice(1)}`), 'CLAIMS'],
    ['with sub twice, once escaped', signParts(ed, header, `{"s\\u0075b":"1",${payload.slice(1)}`), 'CLAIMS'],
    ['with a doubled name inside', signParts(ed, header, `{"x":{"a":1,"a":2},${payload.slice(1)}`), 'CLAIMS'],
    ...['iss', 'sub', 'opd', 'unit', 'sistem', 'iat', 'exp'].map(
      (claim) => [`without ${claim}`, tokenOf(ed, { [claim]: undefined }), 'CLAIMS'] as const,
    ),
    ['with a sub that is a number', tokenOf(ed, { sub: 198001 }), 'CLAIMS'],
    ['with an empty sub', tokenOf(ed, { sub: '' }), 'CLAIMS'],
    ['with a sub of 129 letters', tokenOf(ed, { sub: 'x'.repeat(129) }), 'CLAIMS'],
    ['with a sub of two words', tokenOf(ed, { sub: 'Siti Rahmawati' }), 'CLAIMS'],
    ['with a name that holds a line end', tokenOf(ed, { name: 'Siti\nRahmawati' }), 'CLAIMS'],
    ['with a name that is a list', tokenOf(ed, { name: ['Siti'] }), 'CLAIMS'],
    ['with an exp in words', tokenOf(ed, { exp: `${iat + 600}` }), 'CLAIMS'],
    ['with an exp of half seconds', tokenOf(ed, { exp: iat + 0.5 }), 'CLAIMS'],
    ['of an issuer of nobody', tokenOf(ed, { iss: 'https://sso.example' }), 'ISSUER'],
    ["of another OPD's issuer", tokenOf(stranger, { iss: 'https://sso.dinsos' }), 'ISSUER'],
    ['of an unknown kid', tokenOf(stranger), 'KEY'],
    ['of a kid like a built-in name', tokenOf(stranger, {}, { kid: 'constructor' }), 'KEY'],
    ['of a withdrawn key', tokenOf(gone), 'WITHDRAWN'],
    ['signed by another key', tokenOf(stranger, {}, { kid: 'ed' }), 'SIGNATURE'],
    ['with other claims under a right signature', `${head}.${part(`${payload} `)}.${signature}`, 'SIGNATURE'],
    [
      'whose ES256 signature is in DER',
      `${tokenOf(es).split('.', 2).join('.')}.${part(Buffer.alloc(70, 48))}`,
      'SIGNATURE',
    ],
    ['for nobody', tokenOf(ed, { aud: undefined }), 'AUDIENCE'],
    ['for somebody else', tokenOf(ed, { aud: 'simpus.dkk.padang.go.id' }), 'AUDIENCE'],
    ['for somebody else too', tokenOf(ed, { aud: [OPERATOR_AUDIENCE, 'simpus'] }), 'AUDIENCE'],
    ['for another OPD', tokenOf(ed, { opd: 'DINSOS' }), 'OPD'],
    ['for another unit', tokenOf(ed, { unit: 'PKM-NANGGALO' }), 'UNIT'],
    ['for another system', tokenOf(ed, { sistem: `${rightClaims.sistem}-lama` }), 'SISTEM'],
    ['for a system by its short name', tokenOf(ed, { sistem: 'simpus' }), 'SISTEM'],
    ['good for 601 s', tokenOf(ed, { exp: iat + 601 }), 'LIFETIME'],
    ['that ends when it begins', tokenOf(ed, { exp: iat }), 'LIFETIME'],
    ['that ends before it begins', tokenOf(ed, { exp: iat - 1 }), 'LIFETIME'],
    ['of the future', tokenOf(ed, { iat: iat + 6, exp: iat + 60 }), 'NOT_YET'],
    ['that may not be used yet', tokenOf(ed, { nbf: iat + 6 }), 'NOT_YET'],
    ['that is over at this moment', tokenOf(ed, { iat: iat - 600, exp: iat }), 'EXPIRED'],
    ['bound to another certificate', tokenOf(ed, { cnf: { 'x5t#S256': 'B'.repeat(43) } }), 'CERTIFICATE'],
    ['bound to a key as well', tokenOf(ed, { cnf: { ...bound, jkt: 'x' } }), 'CERTIFICATE'],
    ['bound to something else', tokenOf(ed, { cnf: { kid: 'x' } }), 'CERTIFICATE'],
    ['bound to null', tokenOf(ed, { cnf: null }), 'CERTIFICATE'],
    ['of another than its own operator', tokenOf(own, { iss: 'kunci-sendiri', sub: '1' }), 'SUBJECT'],
    ['of a withdrawn operator', tokenOf(ed, { sub: '199901012020012001' }), 'WITHDRAWN'],
  ];
  for (const [how, token, check] of wrong) {
    it(`refuses a token ${how}`, () => assert.equal(checkOf(token), check));
  }
  it('has a case for every check', () => {
    assert.deepEqual(new Set(wrong.map(([, , check]) => check)), new Set(operatorChecks));
  });

  for (const [how, token] of [
    ['bound to the caller by its certificate', tokenOf(ed, { cnf: bound })],
    ['with claims that we do not know', tokenOf(ed, { jti: 'x', 'https://x/y': { z: [1, { z: 2 }] } })],
    ["of an operator's own key", tokenOf(own, { iss: 'kunci-sendiri' })],
    ['of a clock that is 5 s before ours', tokenOf(ed, { iat: iat + 5, exp: iat + 605 })],
    ['of typ JWT', tokenOf(ed, {}, { typ: 'JWT' })],
  ] as const) {
    it(`takes a token ${how}`, () => assert.equal(checkOf(token), ''));
  }

  it("holds both ends of the authority's time against it", () => {
    const token = tokenOf(ed, { iat: iat - 60, exp: iat + 1 });
    const between = (earliestMs: number, latestMs: number) =>
      checkOf(token, caller, { live: true, earliestMs, latestMs });
    assert.equal(between(noon, noon + 999), '');
    assert.equal(between(noon, noon + 1_000), 'EXPIRED');
    assert.equal(between(noon - 65_001, noon), 'NOT_YET');
    assert.equal(between(Number.NaN, noon), 'NOT_YET');
    assert.equal(between(noon, Number.NaN), 'EXPIRED');
    assert.throws(() => verify(token, caller, { ...at(noon), live: false }), { reason: 'POLICY_STALE' });
  });

  it('checks all that can change again for a token that it remembers', () => {
    const desk = new OperatorDesk(pseudonymKey);
    const token = tokenOf(ed, { cnf: bound });
    assert.equal(checkOf(token, caller, at(noon), desk), '');
    assert.equal(desk.size, 1);
    assert.equal(checkOf(token, { ...caller, unit: 'PKM-NANGGALO' }, at(noon), desk), 'UNIT');
    assert.equal(checkOf(token, { ...caller, system: 'lain' }, at(noon), desk), 'SISTEM');
    assert.equal(checkOf(token, { ...caller, opd: 'DINSOS' }, at(noon), desk), 'ISSUER');
    assert.equal(checkOf(token, { ...caller, thumbprint: 'B'.repeat(43) }, at(noon), desk), 'CERTIFICATE');
    assert.equal(checkOf(token, caller, at(noon + 600_000), desk), 'EXPIRED');
    assert.equal(checkOf(token, caller, at(noon), desk), '');
  });

  it('does not believe a token that it remembers once its key or operator was withdrawn', async () => {
    for (const change of [keysWithdrawn(['ed']), operatorWithdrawn(SUB)]) {
      const desk = new OperatorDesk(pseudonymKey);
      const token = tokenOf(ed);
      desk.verify(token, caller, snapshot, at(noon));
      const after = await snapshotOf(...changes, change);
      assert.throws(
        () => desk.verify(token, caller, after, at(noon)),
        (error: MeshError) => error.values.check === 'WITHDRAWN',
      );
      assert.ok(desk.verify(token, caller, snapshot, at(noon)));
    }
  });

  it('remembers good tokens only, at most so many, and not beyond their end', () => {
    const desk = new OperatorDesk(pseudonymKey, 3);
    for (const [, token] of wrong) checkOf(token, caller, at(noon), desk);
    assert.equal(desk.size, 0);
    for (let n = 0; n < 10; n += 1) verify(tokenOf(ed, { sub: `${n}` }), caller, at(noon), desk);
    assert.equal(desk.size, 3);
    const late = noon + 600_000;
    const fresh = (n: number) => tokenOf(ed, { sub: `${n}`, iat: late / 1000, exp: late / 1000 + 600 });
    for (const n of [1, 2]) verify(fresh(n), caller, at(late), desk);
    assert.equal(desk.size, 2);
  });

  it('gives an operator one pseudonym at every system of the OPD, and another one at another OPD', async () => {
    const both = await snapshotOf(...changes, keysRegistered([ed], { opd: 'DINSOS' }));
    const at2 = (opd: string, unit: string) => {
      const sistem = `spiffe://padang.go.id/opd/${opd}/unit/${unit}/sistem/simpus`;
      const token = tokenOf(ed, { opd, unit, sistem });
      return new OperatorDesk(pseudonymKey).verify(token, { ...caller, opd, unit }, both, at(noon)).pseudonym;
    };
    assert.equal(at2('DKK', 'PKM-PAUH'), at2('DKK', 'PUSAT'));
    assert.notEqual(at2('DKK', 'PUSAT'), at2('DINSOS', 'PUSAT'));
  });

  it('takes exactly the tokens in which everything is right', () => {
    // Each claim is right or one of some values that are wrong; a token passes when all are right.
    const maybe = (right: unknown, ...others: unknown[]) =>
      fc.oneof(
        { weight: 40, arbitrary: fc.constant({ value: right, isRight: true }) },
        { weight: 1, arbitrary: fc.constantFrom(...others).map((value) => ({ value, isRight: false })) },
      );
    const claims = fc.record({
      iss: maybe(ISSUER, 'https://sso.dinsos', '', undefined, 7),
      aud: maybe(OPERATOR_AUDIENCE, [OPERATOR_AUDIENCE], 'x', undefined),
      sub: maybe(SUB, '', '199901012020012001', 'a b', undefined),
      name: maybe(undefined, '', 5, 'a\u0000'),
      opd: maybe('DKK', 'dkk', 'DINSOS', undefined),
      unit: maybe('PKM-PAUH', 'PUSAT', undefined),
      sistem: maybe(rightClaims.sistem, 'simpus', undefined),
      cnf: maybe(undefined, {}, { 'x5t#S256': 'B' }, 'x'),
    });
    const times = fc.record({ since: fc.integer({ min: -20, max: 700 }), long: fc.integer({ min: -5, max: 620 }) });
    const key = fc.constantFrom(ed, ed, es, es, gone, stranger, own);
    const damage = fc.option(fc.nat(), { freq: 1 });
    let passed = 0;
    fc.assert(
      fc.property(claims, times, key, damage, (chosen, { since, long }, signer, at4) => {
        const values = Object.fromEntries(Object.entries(chosen).map(([name, { value }]) => [name, value]));
        const issued = iat - since;
        let token = tokenOf(signer, { ...values, iat: issued, exp: issued + long });
        if (at4 !== null) {
          const place = at4 % token.length;
          token = `${token.slice(0, place)}${token[place] === 'A' ? 'B' : 'A'}${token.slice(place + 1)}`;
        }
        const isRight =
          at4 === null &&
          (signer === ed || signer === es) &&
          Object.values(chosen).every((claim) => claim.isRight) &&
          since >= -5 &&
          long > 0 &&
          long <= 600 &&
          since < long;
        if (isRight) passed += 1;
        assert.equal(checkOf(token) === '', isRight);
      }),
      { numRuns: 3_000 },
    );
    assert.ok(passed > 100, `only ${passed} tokens were right`);
  });
});
