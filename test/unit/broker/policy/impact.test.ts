import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { type AccessChange, Ages } from '#gen/rangkiang/broker/v1/simulation.ts';
import type { Izin } from '#gen/rangkiang/permit/v1/izin.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { withDraft } from '../../../../broker/policy/draft.ts';
import { impactOf } from '../../../../broker/policy/impact.ts';
import { readRegionTable } from '../../../../broker/policy/regions.ts';
import type { Snapshot } from '../../../../broker/policy/snapshot.ts';
import { at, issued, izinOf, noon, residentMethods, snapshotOf } from '../../../support/policy.ts';

const regions = readRegionTable();

/** What a draft changes, in place of `replaced` or beside everything. */
function impact(before: Snapshot, draft: Izin, replaced?: Izin) {
  const installed = withDraft(before, draft, replaced?.permitId ?? '');
  assert(typeof installed === 'object', String(installed));
  const { snapshot, candidate, replaced: gone } = installed;
  return impactOf('DKK', before, snapshot, [candidate, ...gone], at(noon), regions);
}

const codes = ['13.71', '13.71.08', '13.71.10', '13.71.08.1001', '13.71.11', '13.71.99'];
const terms = fc.record({
  units: fc
    .uniqueArray(fc.constantFrom('PUSAT', 'PKM-PAUH', 'PKM-NANGGALO'), { minLength: 1 })
    .chain((units) =>
      fc.tuple(...units.map((unit) => fc.record({ unit: fc.constant(unit), regions: fc.subarray(codes) }))),
    ),
  methods: fc.subarray(Object.values(residentMethods), { minLength: 1 }),
  elements: fc.subarray([Element.NIK, Element.NAMA_LENGKAP, Element.AGAMA]),
  children: fc.boolean(),
});

/** Every single thing that changes say: unit, method, element, kelurahan, age. */
function things(changes: readonly AccessChange[]): Set<string> {
  return new Set(
    changes.flatMap(({ unit, methods, elements, regions: where, ages }) => {
      const kelurahan = [...regions.maskOf(where).toString(2)].reverse().flatMap((bit, k) => (bit === '1' ? [k] : []));
      const who = ages === Ages.ALL ? [Ages.ADULTS, Ages.CHILDREN] : [ages];
      return methods.flatMap((method) =>
        elements.flatMap((element) =>
          kelurahan.flatMap((k) => who.map((age) => JSON.stringify([unit, method, element, k, age]))),
        ),
      );
    }),
  );
}

/** The same for a permit alone, written down without snapshot, Casbin or bits. */
function thingsOf({ units, methods, elements, children }: Pick<Izin, 'units' | 'methods' | 'elements' | 'children'>) {
  return things(
    units.map(({ unit, regions: where }) => ({
      unit,
      methods,
      elements,
      regions: where,
      purpose: '',
      whole: true,
      kecamatanCount: 0,
      kelurahanCount: 0,
      ages: children ? Ages.ALL : Ages.ADULTS,
    })),
  );
}

describe('impactOf', () => {
  it('finds that an identical draft changes nothing, beside its twin or in its place', async () => {
    await fc.assert(
      fc.asyncProperty(terms, async (content) => {
        const old = izinOf(content);
        const before = await snapshotOf(issued(old));
        const draft = { ...old, permitId: randomUUID() };
        assert.deepEqual(await impact(before, draft), { gains: [], losses: [] });
        assert.deepEqual(await impact(before, draft, old), { gains: [], losses: [] });
      }),
      { numRuns: 25 },
    );
  });

  it('finds that a draft beside other permits only adds, and that one in place of another gives and takes the difference', async () => {
    const withoutCounts = terms.map((content) => ({
      ...content,
      methods: content.methods.filter((method) => method !== residentMethods.aggregate),
    }));
    const some = withoutCounts.filter(({ methods }) => methods.length > 0);
    await fc.assert(
      fc.asyncProperty(some, some, async (one, other) => {
        const old = izinOf(one);
        const draft = izinOf(other);
        const before = await snapshotOf(issued(old));
        const [had, has] = [thingsOf(one), thingsOf(other)];
        const beside = await impact(before, draft);
        assert.deepEqual(beside.losses, []);
        assert.deepEqual(things(beside.gains), has.difference(had));
        const instead = await impact(before, draft, old);
        assert.deepEqual(things(instead.gains), has.difference(had));
        assert.deepEqual(things(instead.losses), had.difference(has));
      }),
      { numRuns: 40 },
    );
  });

  it('tells new methods, new elements and new regions apart, in as few rows as are exact', async () => {
    const old = izinOf({ units: [{ unit: 'PKM-PAUH', regions: ['13.71.08'] }], methods: [residentMethods.get] });
    const before = await snapshotOf(issued(old));
    const draft = izinOf({
      units: [{ unit: 'PKM-PAUH', regions: ['13.71.08', '13.71.10'] }],
      methods: [residentMethods.get, residentMethods.verify, residentMethods.family],
      elements: [...old.elements, Element.AGAMA],
      children: true,
    });
    const { gains } = await impact(before, draft, old);
    const told = gains.map(({ methods, whole, elements, regions: where, ages }) => ({
      methods: methods.map((method) => method.split('/').at(-1)),
      whole,
      elements,
      where,
      ages,
    }));
    assert.deepEqual(told, [
      // NIK and name: elsewhere for all, at home for children.
      {
        methods: ['GetResident'],
        whole: false,
        elements: [Element.NIK, Element.NAMA_LENGKAP],
        where: ['13.71.10'],
        ages: Ages.ALL,
      },
      {
        methods: ['GetResident'],
        whole: false,
        elements: [Element.NIK, Element.NAMA_LENGKAP],
        where: ['13.71.08'],
        ages: Ages.CHILDREN,
      },
      {
        methods: ['GetResident'],
        whole: false,
        elements: [Element.AGAMA],
        where: ['13.71.08', '13.71.10'],
        ages: Ages.ALL,
      },
      {
        methods: ['VerifyResident', 'GetFamily'],
        whole: true,
        elements: [Element.NIK, Element.NAMA_LENGKAP, Element.AGAMA],
        where: ['13.71.08', '13.71.10'],
        ages: Ages.ALL,
      },
    ]);
  });

  it('never adds up two permits, and takes counts as of all ages', async () => {
    const before = await snapshotOf(
      issued(izinOf({ units: [{ unit: 'PUSAT', regions: ['13.71.08'] }], methods: [residentMethods.aggregate] })),
    );
    const draft = izinOf({
      units: [{ unit: 'PUSAT', regions: ['13.71.10'] }],
      methods: [residentMethods.aggregate],
      elements: [Element.AGAMA],
    });
    const [gain, ...more] = (await impact(before, draft)).gains;
    assert.deepEqual(more, []);
    assert.deepEqual(
      [gain?.elements, gain?.regions, gain?.ages, gain?.whole],
      [[Element.AGAMA], ['13.71.10'], Ages.ALL, false],
    );
    assert.deepEqual(
      [gain?.kecamatanCount, gain?.kelurahanCount],
      [1, regions.counts(regions.maskOf(['13.71.10'])).kelurahan],
    );
  });
});

describe('withDraft', () => {
  it('leaves the policy as it is, and gives the fault for which brokers would put the draft aside', async () => {
    const old = izinOf();
    const before = await snapshotOf(issued(old));
    const installed = withDraft(before, izinOf(), old.permitId);
    assert(typeof installed === 'object');
    assert.deepEqual([before.permits.length, before.revoked.size], [1, 0]);
    assert.equal(before.opds.get('DKK')?.candidates.length, 2);
    assert.deepEqual([...installed.snapshot.revoked], [old.permitId]);

    assert.equal(withDraft(before, old, ''), 'PERMIT_ID_REUSED');
    assert.equal(withDraft(before, izinOf({ opd: 'WALIKOTA' }), ''), 'OPD_UNREGISTERED');
    assert.equal(withDraft(before, izinOf({ methods: ['/x.v1.X/Y'] }), ''), 'METHOD_NOT_GRANTABLE');
  });

  it('lets a renewal take the place of the version before, and no version that is not higher', async () => {
    const old = izinOf({ version: 1 });
    const before = await snapshotOf(issued(old), issued(izinOf()));
    const renewed = { ...old, version: 2, elements: [Element.NIK] };
    const installed = withDraft(before, renewed, '');
    assert(typeof installed === 'object');
    const { snapshot, replaced } = installed;
    assert.deepEqual(
      snapshot.permits.map(({ izin }) => izin?.version),
      [2, 0],
    );
    assert.equal(snapshot.opds.get('DKK')?.candidates.length, 3);
    assert.deepEqual([replaced.map(({ id }) => id), snapshot.revoked.size], [[old.permitId], 0]);
    const { gains, losses } = await impact(await snapshotOf(issued(old)), renewed);
    assert.deepEqual([gains, losses.flatMap(({ elements }) => elements).includes(Element.NAMA_LENGKAP)], [[], true]);

    for (const version of [0, 1]) assert.equal(withDraft(before, { ...old, version }, ''), 'PERMIT_ID_REUSED');
    assert.equal(withDraft(before, { ...renewed, opd: 'DISDIK' }, ''), 'PERMIT_ID_REUSED');
  });
});
