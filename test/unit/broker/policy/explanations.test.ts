import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { Weekday } from '#gen/rangkiang/permit/v1/izin.ts';
import { errorTexts } from '#mesh/error-texts.ts';
import type { Reason } from '#mesh/errors.ts';
import { explain, type Question } from '../../../../broker/policy/explain.ts';
import { assumptionText, doubtText, explanations, explanationText } from '../../../../broker/policy/explanations.ts';
import { checks } from '../../../../broker/policy/judge.ts';
import type { LateDuties } from '../../../../broker/policy/late-duties.ts';
import type { Snapshot } from '../../../../broker/policy/snapshot.ts';
import { at, issued, izinOf, noon, requestOf, residentMethods, revoked, snapshotOf } from '../../../support/policy.ts';

const locales = ['id', 'en'] as const;
const noneLate: LateDuties = new Map();
const policy = join(import.meta.dirname, '../../../../broker/policy');

/** Every reason that stands in the sources that decide: what a decision can say, also what is added later. */
function reasonsOfDecisions(): Reason[] {
  const sources = globSync(['decide.ts', 'judge.ts', 'opd-policy.ts', 'explain.ts', 'frozen.ts'], { cwd: policy });
  const words = sources.flatMap((file) => readFileSync(join(policy, file), 'utf8').match(/(?<=')[A-Z_]+(?=')/g) ?? []);
  return [...new Set([...words, ...checks])].filter((word): word is Reason => Object.hasOwn(errorTexts, word));
}

const textOf = (snapshot: Snapshot, changes: Partial<Question>, locale: 'id' | 'en' = 'id') => {
  const { decision, candidates } = explain(snapshot, requestOf(changes), at(noon));
  const candidate = candidates.find(({ permit }) => permit === decision.permit)?.candidate;
  return explanationText(decision.allowed ? undefined : decision.reason, candidate, locale, snapshot.lateDuties, noon);
};

describe('explanationText', () => {
  it('says of every reason that a decision can have, with a permit or before one, what happened and what to do', async () => {
    const reasons = reasonsOfDecisions();
    assert(reasons.length >= 17, reasons.join());
    const [izin] = (await snapshotOf(issued(izinOf()))).permits;
    const statute = (await snapshotOf()).opds.get('DKK')?.candidates[0];
    for (const reason of reasons) {
      for (const locale of locales) {
        for (const candidate of [izin, statute, undefined]) {
          const text = explanationText(reason, candidate, locale, noneLate, noon);
          // What happened, and what to do.
          assert((text.match(/[.](?= |$)/g)?.length ?? 0) >= 2, `${reason} ${locale}: ${text}`);
          assert.doesNotMatch(text, /[{}]|undefined|Invalid/, reason);
        }
        assert.notEqual(
          explanationText(reason, izin, 'id', noneLate, noon),
          explanationText(reason, izin, 'en', noneLate, noon),
        );
      }
    }
  });

  it('says in both languages that the policy and the audit log differ, and nothing while they agree', () => {
    assert.equal(doubtText({ unrecorded: [], missing: [] }, 'id'), '');
    assert.match(doubtText({ unrecorded: [], missing: [7n, 8n] }, 'id'), /Saat ini 2 perubahan kebijakan/);
    assert.match(doubtText({ unrecorded: [], missing: [7n] }, 'en'), /contact the security team/);
  });

  it('is filled with facts of the permit and nothing else', () => {
    const facts = [
      'persons',
      'number',
      'from',
      'until',
      'methods',
      'purposes',
      'systems',
      'networks',
      'hours',
      'opens',
    ];
    const known = new Set(facts);
    for (const text of Object.values(explanations)) {
      for (const locale of locales) {
        for (const [, name = ''] of text[locale].matchAll(/\{(\w+)\}/g)) assert(known.has(name), name);
      }
    }
  });

  it('repeats nothing of what the caller wrote, which might be a person', async () => {
    const gone = izinOf();
    const snapshot = await snapshotOf(issued(izinOf()), issued(gone), revoked(gone.permitId));
    const person = 'SITI-1371014107900001';
    for (const changes of [
      { method: person },
      { purpose: person },
      { unit: person },
      { permit: person },
      { opd: person },
      { unit: person, permit: gone.permitId },
    ]) {
      for (const locale of locales) assert.doesNotMatch(textOf(snapshot, changes, locale), /SITI|1371014107900001/);
    }
  });

  it('tells the hours, from when on and until when, in the time of Padang', async () => {
    const { FRIDAY, MONDAY } = Weekday;
    // `noon` is that of a Monday.
    const later = await snapshotOf(issued(izinOf({ hours: [{ days: [FRIDAY], from: '07:30', until: '16:00' }] })));
    assert.match(textOf(later, {}), /hanya dapat dipakai Jumat 07:30-16:00 WIB\. Tunggu sampai 2026-06-05 07:30 WIB,/);
    assert.match(textOf(later, {}, 'en'), /can be used Friday 07:30-16:00 WIB only\. Wait until 2026-06-05 07:30 WIB,/);
    const night = await snapshotOf(issued(izinOf({ hours: [{ days: [MONDAY], from: '11:00', until: '06:00' }] })));
    assert.match(
      textOf(night, {}),
      /sampai 2027-01-01 00:00 WIB\. Jam pakainya Senin .*; sekarang sampai 2026-06-02 06:00/,
    );
    assert.doesNotMatch(textOf(await snapshotOf(issued(izinOf())), {}), /Jam pakai/);
  });

  it('says what it assumed, by the names of the activation', async () => {
    const [permit] = (await snapshotOf(issued(izinOf(), { networks: ['10.20.0.0/16'] }))).permits;
    assert(permit);
    assert.equal(assumptionText([], permit, 'id'), '');
    assert.match(assumptionText(['address'], permit, 'id'), /jaringan yang diizinkan \(10\.20\.0\.0\/16\)/);
    assert.match(assumptionText(['system', 'address'], permit, 'en'), /\(simpus, layanan\).*\(10\.20\.0\.0\/16\)/);
  });

  it('tells what the permit does grant, and when', async () => {
    const izin = izinOf({ validFrom: new Date(noon + 1), operatorRequired: true });
    const snapshot = await snapshotOf(issued(izin));
    assert.match(textOf(snapshot, {}), /^Izin 470\/012.* baru berlaku mulai 2026-06-01 12:00 WIB\. /);
    const now = await snapshotOf(issued(izinOf({ operatorRequired: true, caseNumberRequired: true })));
    assert.match(textOf(now, { method: residentMethods.family }), /hanya untuk GetResident, VerifyResident\./);
    assert.match(textOf(now, { purpose: 'ALOKASI_ANGGARAN' }, 'en'), /for PELAYANAN_PUBLIK only/);
    assert.match(textOf(now, {}), /berlaku sampai 2027-01-01 00:00 WIB\..*rangkiang-operator.*rangkiang-case/);
    const statute = { method: '/rangkiang.permit.v1.PermitService/IssuePermit', purpose: 'PERIZINAN' };
    assert.match(textOf(now, statute), /kantor lain/);
    assert.match(textOf(now, { ...statute, opd: 'WALIKOTA', unit: 'PUSAT' }, 'en'), /Allowed by the law/);
  });
});
