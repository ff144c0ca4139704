import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { demoPermits } from '../../../../cli/first-run/demo-permits.ts';
import { draftIzin, usualTerms } from '../../../../cli/permits/izin-draft.ts';
import { methods, validate } from '../../../../mesh/contract.ts';
import { Izin } from '../../../../proto/gen/rangkiang/permit/v1/izin.ts';
import {
  type Application,
  ApplicationContent,
  ApplicationState,
} from '../../../../proto/gen/rangkiang/permit/v1/permit.ts';
import { Element } from '../../../../proto/gen/rangkiang/type/v1/element.ts';
import { misfit } from '../../../../services/permit/domain/izin-fit.ts';

const terms = { ...usualTerms, number: '470/001/IZIN-DATA/2026' };

function applicationOf(opd: string, content: ApplicationContent): Application {
  return {
    applicationId: '11111111-1111-4111-8111-111111111111',
    opd,
    content,
    state: ApplicationState.SUBMITTED,
    rejection: '',
    submitTime: undefined,
    decideTime: undefined,
    etag: '1',
    reviewRemarks: '',
    reviewTime: undefined,
    dirjenLetter: '',
  };
}

const anyTime = fc.date({ min: new Date('2025-01-01'), max: new Date('2060-01-01'), noInvalidDate: true });

describe('draft of an Izin', () => {
  it('of every demonstration permit follows the contract, and fits its application, at any time and term', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...demoPermits),
        anyTime,
        fc.integer({ min: 1, max: 60 }),
        (demo, now, termMonths) => {
          const content = { ...demo.content, termMonths };
          validate('rangkiang.permit.v1.ApplicationContent', ApplicationContent.encode(content).finish());
          const application = applicationOf(demo.opd, content);
          const izin = draftIzin(application, demo.terms, now);
          validate('rangkiang.permit.v1.Izin', Izin.encode(izin).finish());
          assert.equal(misfit(izin, application, methods), undefined);
        },
      ),
    );
  });

  it('counts from the minute that has begun', () => {
    fc.assert(
      fc.property(anyTime, (now) => {
        const { validFrom } = draftIzin(applicationOf('DKK', demoContent()), terms, now);
        const aheadMs = now.getTime() - (validFrom?.getTime() ?? 0);
        assert.ok(aheadMs >= 0 && aheadMs < 60_000);
      }),
    );
  });

  it('grants CACAT only with its own flag', () => {
    const application = applicationOf('DKK', { ...demoContent(), elements: [Element.NIK, Element.CACAT] });
    const now = new Date();
    assert.deepEqual(draftIzin(application, terms, now).elements, [Element.NIK]);
    const granted = draftIzin(application, { ...terms, disability: true }, now);
    assert.deepEqual(granted.elements, [Element.NIK, Element.CACAT]);
    validate('rangkiang.permit.v1.Izin', Izin.encode(granted).finish());
  });
});

function demoContent(): ApplicationContent {
  const [first] = demoPermits;
  assert.ok(first);
  return first.content;
}
