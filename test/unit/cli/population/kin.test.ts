import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { dayOf } from '../../../../cli/population/calendar.ts';
import { COMMUNITIES } from '../../../../cli/population/communities.ts';
import { Kin } from '../../../../cli/population/kin.ts';
import { Random } from '../../../../cli/population/random.ts';

const random = new Random(1);
const community = COMMUNITIES.pick(random);
const couple = () => ({
  community,
  mother: { name: 'ASNI', nik: '1371094101509000' },
  father: { name: 'BASRI', nik: '1371090101459000' },
  from: dayOf(1972, 1, 1),
  to: dayOf(1990, 1, 1),
  births: [dayOf(1980, 5, 1)],
});

describe('Kin', () => {
  it('knows no parents before a couple was added', () => {
    assert.equal(new Kin().parentsOf(random, community, dayOf(1980, 1, 1)), undefined);
  });

  it('finds parents for a birth that may be theirs, and counts it as theirs', () => {
    const kin = new Kin();
    kin.add(couple());
    assert.equal(kin.parentsOf(random, community, dayOf(1984, 1, 1))?.mother.name, 'ASNI');
    assert.equal(kin.parentsOf(random, community, dayOf(1984, 3, 1)), undefined);
  });

  it('finds none outside the years of the marriage, near a brother, or in another community', () => {
    const kin = new Kin();
    kin.add(couple());
    assert.equal(kin.parentsOf(random, community, dayOf(1971, 12, 31)), undefined);
    assert.equal(kin.parentsOf(random, community, dayOf(1990, 1, 2)), undefined);
    assert.equal(kin.parentsOf(random, community, dayOf(1980, 9, 1)), undefined);
    assert.equal(kin.parentsOf(random, { ...community }, dayOf(1984, 1, 1)), undefined);
  });

  it('forgets the oldest couples, so that memory stays bounded', () => {
    const kin = new Kin();
    kin.add({ ...couple(), mother: { name: 'FORGOTTEN' } });
    for (let i = 0; i < 512; i += 1) kin.add({ ...couple(), births: [dayOf(1984, 1, 1)] });
    for (let i = 0; i < 5_000; i += 1) {
      assert.equal(kin.parentsOf(random, community, dayOf(1984, 1, 1)), undefined);
    }
  });
});
