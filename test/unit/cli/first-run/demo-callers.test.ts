import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { describeDemo } from '../../../../cli/first-run/demo-callers.ts';
import { demoPermits } from '../../../../cli/first-run/demo-permits.ts';
import { findSamples } from '../../../../cli/first-run/samples.ts';
import { population } from '../../../../cli/population/population.ts';
import { puskesmas } from '../../../../cli/state/callers.ts';
import { BasicStatus } from '../../../../proto/gen/rangkiang/resident/v1/registry.ts';

const rows = [...population(1, 5_000)];
const samples = findSamples(rows, 2026);
const permits = demoPermits.map((demo, i) => ({
  demo,
  permitId: `00000000-0000-4000-8000-00000000000${i}`,
  policyVersion: 0n,
}));
const demo = describeDemo(permits, samples);

function residentWith(nik: string | null) {
  const row = rows.find(({ resident }) => resident?.nik === nik);
  assert.ok(row?.resident, 'the NIK is on record');
  assert.equal(row.status, BasicStatus.HIDUP);
  return row.resident;
}

describe('demonstration callers', () => {
  it('are the 23 Puskesmas, three offices, and one without a permit', () => {
    const names = [...puskesmas.map(({ unit }) => unit), 'DISDIK', 'BAPENDA', 'KEC_11', 'DINSOS'];
    assert.deepEqual(Object.keys(demo).toSorted(), names.toSorted());
    assert.equal(demo.DINSOS?.permit, null);
  });

  it('have one resident of their own regions and one of others, both on record and alive', () => {
    for (const { unit, kecamatan } of puskesmas) {
      const caller = demo[unit];
      assert.ok(caller);
      assert.deepEqual(caller.regions, [kecamatan]);
      assert.ok(residentWith(caller.nikInside).alamatSekarang?.kelurahan.startsWith(`${kecamatan}.`));
      assert.ok(!residentWith(caller.nikOutside).alamatSekarang?.kelurahan.startsWith(`${kecamatan}.`));
    }
  });

  it('of the whole city have a child as the resident outside their scope', () => {
    const outside = residentWith(demo.BAPENDA?.nikOutside ?? null);
    assert.ok(2026 - (outside.tanggalLahir?.year ?? 0) < 18);
    const inside = residentWith(demo.BAPENDA?.nikInside ?? null);
    assert.ok(2026 - (inside.tanggalLahir?.year ?? 0) > 18);
  });

  it('may lack residents in a city that is too small', () => {
    const tiny = describeDemo(permits, findSamples([], 2026));
    assert.equal(tiny['PKM-BUNGUS']?.nikInside, null);
  });
});
