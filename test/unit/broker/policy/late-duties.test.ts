import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { DutyState, type LateDuty } from '#gen/rangkiang/permit/v1/duty.ts';
import { PolicyChange } from '#gen/rangkiang/permit/v1/policy.ts';
import { explanationText } from '../../../../broker/policy/explanations.ts';
import { suspendedText, warningText } from '../../../../broker/policy/late-duties.ts';
import { termsOf } from '../../../../broker/policy/permit-terms.ts';
import { issued, izinOf, noon, snapshotOf } from '../../../support/policy.ts';

const report: LateDuty = {
  kind: 'LAPORAN_SEMESTER',
  period: '2026-S1',
  graceEnd: '2026-07-30',
  state: DutyState.OVERDUE,
};
const balikan: LateDuty = {
  kind: 'GOLONGAN_DARAH',
  period: '2026-07-15',
  graceEnd: '2026-07-22',
  state: DutyState.LATE,
};

describe('duties that are late', () => {
  const izin = izinOf();
  const warn = (...late: LateDuty[]) =>
    PolicyChange.encode({ change: { $case: 'permitWarned', value: { permitId: izin.permitId, late } } }).finish();

  it('are known to a broker until it is told otherwise, and no longer than told', async () => {
    const late = (await snapshotOf(issued(izin), warn(balikan, report), warn(report))).lateDuties;
    assert.deepEqual([...late], [[izin.permitId, [report]]]);
    assert.equal((await snapshotOf(issued(izin), warn(report), warn())).lateDuties.size, 0);
  });

  it('are told with what is allowed and with what is suspended, in both languages', async () => {
    const snapshot = await snapshotOf(issued(izin), warn(balikan, { ...report, state: DutyState.LATE }));
    const [candidate] = snapshot.permits;
    assert(candidate);
    assert.deepEqual(termsOf(candidate, snapshot.lateDuties).lateDuties.length, 2);
    const allowed = explanationText(undefined, candidate, 'en', snapshot.lateDuties, noon);
    assert.match(
      allowed,
      /Late: data balikan GOLONGAN_DARAH 2026-07-15, the semester report 2026-S1\. .* by 2026-07-22/,
    );

    const overdue = new Map([[izin.permitId, [balikan, report]]]);
    assert.equal(
      explanationText('PERMIT_SUSPENDED', candidate, 'en', overdue, noon),
      `Permit ${izin.number} is suspended and lacks the semester report 2026-S1. Hand it in with HandIn (rangkiang permit hand-in). Once Disdukcapil has confirmed it, ask the Walikota to reinstate the permit.`,
    );
    assert.match(
      explanationText('PERMIT_SUSPENDED', candidate, 'id', overdue, noon),
      /laporan semester 2026-S1\. Serahkan/,
    );
    const waits = suspendedText('470/1', [{ ...report, state: DutyState.HANDED_IN }], 'id');
    assert.match(waits, /2026-S1 \(menunggu Disdukcapil\)/);
  });

  it('are not blamed for a suspension while only a warning is out, and are silent when there are none', () => {
    assert.equal(suspendedText('470/1', [balikan], 'id'), '');
    assert.equal(warningText([], 'id'), '');
  });
});
