import assert from 'node:assert/strict';
import fc from 'fast-check';
import { before, describe, it } from 'mocha';
import type { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { type AccessRequest, allows, makeRow, sealRow } from '../../../../broker/policy/casbin.ts';
import { decide, type PolicyRequest } from '../../../../broker/policy/decide.ts';
import type { Snapshot } from '../../../../broker/policy/snapshot.ts';
import { counterKey } from '../../../../broker/quota/counter-store.ts';
import { at, issued, izinOf, noon, requestOf, snapshotOf, told } from '../../../support/policy.ts';

const SEPARATORS = ['/', ':', '|', '\0', '$$', ',', '"', '","', '\n', '.', ' '];
const PARTS = ['permit', 'opd', 'unit', 'method', 'purpose'] as const;

/** Two neighbouring parts, cut at another place: joined by the separator they are the same text as before. */
function cutElsewhere(request: PolicyRequest, first: number, separator: string, at: number): PolicyRequest {
  const [one, two] = [PARTS[first] ?? 'opd', PARTS[first + 1] ?? 'unit'];
  const joined = `${request[one]}${separator}${request[two]}`;
  const cut = Math.min(at, joined.length);
  return { ...request, [one]: joined.slice(0, cut), [two]: joined.slice(cut + separator.length) };
}

describe('keys that hold separators', () => {
  let izin: Izin;
  let snapshot: Snapshot;
  let good: PolicyRequest;
  before(async () => {
    izin = izinOf();
    snapshot = await snapshotOf(issued(izin));
    good = requestOf({ permit: izin.permitId });
  });

  it('are no other key: a call whose parts are cut elsewhere is denied, and the memo stays right', () => {
    const arbitrary = fc.tuple(
      fc.integer({ min: 0, max: PARTS.length - 2 }),
      fc.constantFrom('', ...SEPARATORS),
      fc.nat({ max: 120 }),
      fc.boolean(),
    );
    fc.assert(
      fc.property(arbitrary, ([first, separator, at0, isFirst]) => {
        const odd = cutElsewhere(good, first, separator, at0);
        const isSame = PARTS.every((part) => odd[part] === good[part]);
        // The good one before the odd one and after it: neither finds what the other left behind.
        const asked = isFirst ? [odd, good] : [good, odd, good];
        for (const request of asked) {
          const expected = request === good || isSame;
          assert.equal(decide(snapshot, request, at(noon)).allowed, expected, JSON.stringify(request));
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('are denied in every part, before, inside and after it', () => {
    for (const part of PARTS) {
      for (const separator of SEPARATORS) {
        const value = good[part];
        for (const odd of [
          `${separator}${value}`,
          `${value}${separator}`,
          `${value.slice(0, 3)}${separator}${value.slice(3)}`,
          `${value}${separator}${value}`,
        ]) {
          assert.equal(
            decide(snapshot, { ...good, [part]: odd }, at(noon)).allowed,
            false,
            JSON.stringify([part, odd]),
          );
        }
      }
    }
    assert.equal(told(decide(snapshot, good, at(noon))), izin.permitId);
  });

  const content = {
    permit: '0b0f4f5e-8a52-4c5e-9f2e-3f1f5e6d7c8b',
    opd: 'DKK',
    units: ['PKM-PAUH', 'PUSAT'],
    method: requestOf().method,
    purpose: 'PELAYANAN_PUBLIK',
    eft: 'allow' as const,
    grant: 'abc',
  };
  const access: AccessRequest = { ...content, unit: 'PUSAT' };

  it('are in no column of a policy row', () => {
    const row = makeRow(content);
    for (const [column, value] of row.entries()) {
      for (const separator of SEPARATORS) {
        // A method and a list of units have separators of their own, at their own places.
        for (const odd of [`${separator}${value}`, `${value}${separator}`, `${value}${separator}${value}`]) {
          assert.throws(() => sealRow(row.with(column, odd)), JSON.stringify(odd));
        }
      }
    }
    for (const separator of SEPARATORS.filter((each) => each !== ' ')) {
      assert.throws(() => makeRow({ ...content, units: [`PUSAT${separator}PKM-PAUH`] }), separator);
    }
  });

  it('in a question to Casbin find no row, nor do they end a unit early', () => {
    const row = makeRow(content);
    assert.equal(allows([row], access), true);
    for (const part of PARTS) {
      for (const separator of SEPARATORS) {
        assert.equal(allows([row], { ...access, [part]: `${access[part]}${separator}` }), false);
        assert.equal(allows([row], { ...access, [part]: `${separator}${access[part]}` }), false);
      }
    }
    assert.equal(allows([row], { ...access, unit: 'PKM-PAUH","PUSAT' }), false);
  });

  it('in Redis name one limit, window and id each: no two of them share a key', () => {
    const systems = ['AA', 'AAB'].flatMap((opd) =>
      ['BA', 'B-A', 'BA-A'].flatMap((unit) => ['a', 'a-a', 'ba'].map((system) => `${opd}/${unit}/${system}`)),
    );
    const ids = [...systems, ...systems.map((each) => `statute/${each}`), 'permit/1', 'permit/11', 'operator/1'];
    const keys = ['calls', 'guesses'].flatMap((name) =>
      [1, 11, 111].flatMap((window) => ids.map((id) => counterKey(name, window, id))),
    );
    assert.equal(new Set(keys).size, 2 * 3 * ids.length);
  });
});
