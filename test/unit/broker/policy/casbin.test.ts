import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  type AccessRequest,
  allows,
  makeRow,
  type Row,
  type RowContent,
  sealRow,
} from '../../../../broker/policy/casbin.ts';
import { residentMethods } from '../../../support/policy.ts';

const content: RowContent = {
  permit: '0b0f4f5e-8a52-4c5e-9f2e-3f1f5e6d7c8b',
  opd: 'DKK',
  units: ['PKM-PAUH', 'PUSAT'],
  method: residentMethods.get,
  purpose: 'PELAYANAN_PUBLIK',
  eft: 'allow',
  grant: 'abc',
};
const request: AccessRequest = {
  permit: content.permit,
  opd: content.opd,
  unit: 'PUSAT',
  method: content.method,
  purpose: content.purpose,
};
const good = makeRow(content);

describe('sealRow', () => {
  const malformed: Record<string, readonly unknown[]> = {
    'one column short': good.slice(0, 6),
    'one column more': [...good, ''],
    'no columns': [],
    'eft ALLOW': good.with(5, 'ALLOW'),
    'eft "allow "': good.with(5, 'allow '),
    'eft empty': good.with(5, ''),
    'eft missing': good.with(5, undefined as unknown as string),
    'a permit that is no UUID': good.with(0, 'x'),
    'a permit with a newline after it': good.with(0, `${content.permit}\n`),
    'a wildcard method': good.with(3, '/rangkiang.resident.v1.ResidentService/*'),
    'a pattern as method': good.with(3, '/rangkiang.resident.v1.ResidentService/:x'),
    'an unknown purpose': good.with(4, 'CONSTRUCTOR'),
    'no unit': good.with(2, '[]'),
    'a unit outside JSON': good.with(2, 'PUSAT'),
    'a unit in lower case': good.with(2, '["pusat"]'),
    'an array instead of a text': good.with(2, ['*'] as unknown as string),
    'a Promise': good.with(5, Promise.resolve('allow') as unknown as string),
    'no grant': good.with(6, ''),
  };
  for (const [name, columns] of Object.entries(malformed)) {
    it(`refuses ${name}`, () => assert.throws(() => sealRow(columns)));
  }

  it('freezes what it takes', () => assert(Object.isFrozen(good)));
});

describe('allows', () => {
  it('allows what a row says, for each of its units', () => {
    assert.equal(allows([good], request), true);
    assert.equal(allows([good], { ...request, unit: 'PKM-PAUH' }), true);
  });

  it('allows nothing without rows, also to a request of empty texts', () => {
    const empty = { permit: '', opd: '', unit: '', method: '', purpose: '' };
    assert.equal(allows([], request), false);
    assert.equal(allows([], empty), false);
  });

  it('leaves nothing behind for the next question', () => {
    assert.equal(allows([good], request), true);
    assert.equal(allows([], request), false);
    assert.equal(allows([makeRow({ ...content, opd: 'DISDIK' })], request), false);
  });

  it('lets a denial win, whatever the order', () => {
    const denial = makeRow({ ...content, units: ['PUSAT'], eft: 'deny' });
    for (const rows of [
      [good, denial],
      [denial, good],
      [good, denial, good],
    ]) {
      assert.equal(allows(rows, request), false);
      assert.equal(allows(rows, { ...request, unit: 'PKM-PAUH' }), true);
    }
    assert.equal(allows([denial], request), false);
  });

  const tricks = [
    '*',
    '',
    'PUS',
    'pusat',
    'PUSAT ',
    'PKM-PAUH","PUSAT',
    '"PUSAT"',
    'PKM-PAUH,PUSAT',
    'PUSAT\u0000',
    '["PKM-PAUH","PUSAT"]',
  ];
  for (const unit of tricks) {
    it(`does not take ${JSON.stringify(unit)} for a unit`, () => {
      assert.equal(allows([good], { ...request, unit }), false);
    });
  }

  it('is what a plain reading of the rows says', () => {
    const units = ['PKM-PAUH', 'PUSAT', 'PKM-X'];
    const row: fc.Arbitrary<RowContent> = fc.record({
      permit: fc.constantFrom('STATUTE', content.permit),
      opd: fc.constantFrom('DKK', 'DISDIK'),
      units: fc.oneof(fc.constant('*' as const), fc.subarray(units, { minLength: 1 })),
      method: fc.constantFrom(residentMethods.get, residentMethods.family),
      purpose: fc.constantFrom('PELAYANAN_PUBLIK', 'PERIZINAN'),
      eft: fc.constantFrom('allow', 'deny'),
      grant: fc.constant('x'),
    });
    const asked: fc.Arbitrary<AccessRequest> = fc.record({
      permit: fc.constantFrom('STATUTE', content.permit, ''),
      opd: fc.constantFrom('DKK', 'DISDIK', 'dkk'),
      unit: fc.oneof(fc.constantFrom(...units, ...tricks), fc.string()),
      method: fc.constantFrom(residentMethods.get, residentMethods.family, `${residentMethods.get}/`),
      purpose: fc.constantFrom('PELAYANAN_PUBLIK', 'PERIZINAN', 'Perizinan'),
    });
    const plainly = (rows: RowContent[], r: AccessRequest) => {
      const matching = rows.filter(
        (p) =>
          p.permit === r.permit &&
          p.opd === r.opd &&
          p.method === r.method &&
          p.purpose === r.purpose &&
          (p.units === '*' || p.units.includes(r.unit)),
      );
      return matching.some((p) => p.eft === 'allow') && !matching.some((p) => p.eft === 'deny');
    };
    fc.assert(
      fc.property(fc.array(row, { maxLength: 5 }), asked, (rows, r) => {
        assert.equal(allows(rows.map(makeRow) as Row[], r), plainly(rows, r));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('casbin', () => {
  it('is imported by the wrapper alone', () => {
    const root = join(import.meta.dirname, '../../../..');
    const importers = ['broker', 'mesh', 'services', 'cli', 'bench', 'scripts'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts') && /from 'casbin/.test(readFileSync(join(root, folder, file), 'utf8')))
        .map((file) => join(folder, file)),
    );
    assert.deepEqual(importers, ['broker/policy/casbin.ts']);
  });
});
