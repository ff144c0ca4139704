import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Weekday } from '#gen/rangkiang/permit/v1/izin.ts';
import { hoursText } from '#mesh/hours-text.ts';

describe('hoursText', () => {
  it('tells hours as an office writes them', () => {
    const { MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SUNDAY } = Weekday;
    const office = [
      { days: [THURSDAY, MONDAY, WEDNESDAY, TUESDAY], from: '07:30', until: '16:00' },
      { days: [FRIDAY], from: '07:30', until: '16:30' },
    ];
    assert.equal(hoursText(office, 'id'), 'Senin-Kamis 07:30-16:00, Jumat 07:30-16:30 WIB');
    const nights = [{ days: [MONDAY, TUESDAY, SUNDAY], from: '22:00', until: '06:00' }];
    assert.equal(hoursText(nights, 'en'), 'Monday, Tuesday, Sunday 22:00-06:00 WIB');
    assert.equal(hoursText([{ days: [], from: '00:00', until: '24:00' }], 'en'), 'every day 00:00-24:00 WIB');
    assert.equal(hoursText([], 'id'), 'setiap saat');
  });
});
