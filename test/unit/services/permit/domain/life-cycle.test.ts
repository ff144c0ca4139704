import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { ApplicationState, PermitState } from '#gen/rangkiang/permit/v1/permit.ts';
import { PermitServiceService } from '#gen/rangkiang/permit/v1/permit_service.ts';
import { MeshError } from '#mesh/errors.ts';
import { readOpdCodes } from '../../../../../broker/policy/opd-codes.ts';
import { statuteGrants } from '../../../../../broker/policy/statute.ts';
import {
  lifeCycle,
  nextState,
  regimes,
  type State,
  type Transition,
} from '../../../../../services/permit/domain/life-cycle.ts';
import {
  applicationState,
  applicationStateNumber,
  permitState,
} from '../../../../../services/permit/domain/state-name.ts';
import { advance } from '../../../../../services/permit/transition.ts';

const applicationStates = Object.keys(ApplicationState).filter((name) => !['UNSPECIFIED', 'ISSUED'].includes(name));
const permitStates = Object.keys(PermitState).filter((name) => name !== 'UNSPECIFIED');
const states = [...applicationStates, ...permitStates] as State[];
const transitions = [...new Set(Object.values(lifeCycle).flatMap((steps) => steps.map((step) => step.transition)))];

/** Every step of both regimes, written by hand from the regulations. */
const common = [
  'SUBMITTED REVIEW_RECOMMEND RECOMMENDED',
  'SUBMITTED REVIEW_REQUEST_CHANGES CHANGES_REQUESTED',
  'CHANGES_REQUESTED RESUBMIT SUBMITTED',
  'SUBMITTED REJECT REJECTED',
  'CHANGES_REQUESTED REJECT REJECTED',
  'RECOMMENDED REJECT REJECTED',
  'ISSUING RECORD AWAITING_ACTIVATION',
  'AWAITING_ACTIVATION ACTIVATE ACTIVATING',
  'ACTIVATING RECORD ACTIVE',
  'AWAITING_ACTIVATION EXPIRE EXPIRED',
  'AWAITING_ACTIVATION SUSPEND SUSPENDED',
  'ACTIVATING SUSPEND SUSPENDED',
  'AWAITING_ACTIVATION RENEW RENEWING',
  'AWAITING_ACTIVATION REVOKE REVOKED',
  'ACTIVATING REVOKE REVOKED',
  'ACTIVE EXPIRE EXPIRED',
  'ACTIVE SUSPEND SUSPENDED',
  'EXPIRED SUSPEND SUSPENDED',
  'RENEWING SUSPEND SUSPENDED',
  'REINSTATING SUSPEND SUSPENDED',
  'ACTIVE SUSPEND_LATE SUSPENDED',
  'RENEWING SUSPEND_LATE SUSPENDED',
  'SUSPENDED REINSTATE REINSTATING',
  'REINSTATING RECORD ACTIVE',
  'ACTIVE RENEW RENEWING',
  'EXPIRED RENEW RENEWING',
  'RENEWING RECORD ACTIVE',
  'ACTIVE NARROW ACTIVE',
  ...['ACTIVE', 'EXPIRED', 'SUSPENDED', 'REINSTATING', 'RENEWING'].map((state) => `${state} REVOKE REVOKED`),
];
const expected = {
  PERMENDAGRI_61_2015: [...common, 'RECOMMENDED ISSUE ISSUING'],
  PERMENDAGRI_102_2019: [
    ...common,
    'RECOMMENDED RECORD_APPROVAL APPROVED',
    'APPROVED ISSUE ISSUING',
    'APPROVED REJECT REJECTED',
  ],
};

describe('the life cycle of permits', () => {
  for (const regime of regimes) {
    it(`has exactly the steps of ${regime}`, () => {
      const found = states.flatMap((state) =>
        transitions.flatMap((transition) => {
          const next = nextState(regime, state, transition);
          return next === undefined ? [] : [`${state} ${transition} ${next}`];
        }),
      );
      assert.deepEqual([...new Set(found)].sort(), expected[regime].sort());
    });
  }

  it('goes only where the table leads, from every state and whatever is tried', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...regimes),
        fc.constantFrom(...states),
        fc.array(fc.constantFrom<Transition>(...transitions), { maxLength: 40 }),
        (regime, first, tried) => {
          let state = first;
          for (const transition of tried) {
            const rows = lifeCycle[regime].filter((s) => s.from.includes(state) && s.transition === transition);
            assert(rows.length <= 1, `${state} ${transition} has two rows`);
            try {
              const next = advance(regime, state, transition);
              assert.equal(next, rows[0]?.to);
              state = next;
            } catch (error) {
              assert(error instanceof MeshError && rows.length === 0);
              assert.match(error.reason, /^(STATE_CONFLICT|REVIEW_REQUIRED|APPROVAL_REQUIRED)$/);
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('reaches every state from the first, and leaves only REJECTED and REVOKED never', () => {
    for (const regime of regimes) {
      const reached = new Set<State>(['SUBMITTED']);
      for (const state of reached) {
        for (const step of lifeCycle[regime]) if (step.from.includes(state)) reached.add(step.to);
      }
      const left = new Set(lifeCycle[regime].flatMap((step) => step.from));
      assert.deepEqual([...reached].filter((state) => !left.has(state)).sort(), ['REJECTED', 'REVOKED']);
      const own = regime === 'PERMENDAGRI_61_2015' ? states.filter((state) => state !== 'APPROVED') : states;
      assert.deepEqual([...reached].sort(), [...own].sort());
    }
  });

  it('lets nothing widen at once and nothing narrow late', () => {
    for (const { transition, direction } of Object.values(lifeCycle).flat()) {
      assert.equal(direction === 'WIDENING', transition === 'RECORD', transition);
      const narrows = ['SUSPEND', 'SUSPEND_LATE', 'REVOKE', 'NARROW', 'EXPIRE'].includes(transition);
      assert.equal(direction === 'NARROWING', narrows, transition);
    }
  });

  it('names the methods of the contract, and for each the actor to whom statute gives it', () => {
    const paths = new Set<string>(Object.values(PermitServiceService).map(({ path }) => path));
    for (const { method, by } of Object.values(lifeCycle).flat()) {
      assert.equal(method === '', by === 'MESH');
      if (method === '') continue;
      const path = `/rangkiang.permit.v1.PermitService/${method}`;
      assert(paths.has(path), method);
      for (const actor of ['DISDUKCAPIL', 'WALIKOTA', 'DKK', 'SECURITY']) {
        const may = statuteGrants(actor, readOpdCodes()).some((grant) => grant.method === path);
        const isActor = by === actor || (by === 'OPD' && readOpdCodes().has(actor));
        assert.equal(may, isActor, `${actor} ${method}`);
      }
    }
  });

  it('names every state as the contract does', () => {
    for (const name of applicationStates as (keyof typeof ApplicationState)[]) {
      assert.equal(applicationState(ApplicationState[name]), name);
      assert.equal(applicationStateNumber(name as State), ApplicationState[name]);
    }
    for (const name of permitStates as (keyof typeof PermitState)[]) assert.equal(permitState(PermitState[name]), name);
    assert.equal(applicationState(ApplicationState.ISSUED), 'ACTIVE');
    assert.equal(applicationStateNumber('ACTIVE'), ApplicationState.ISSUED);
  });

  it('tells who issues too early what is missing', () => {
    const reasonOf = (from: State) => {
      try {
        return advance('PERMENDAGRI_102_2019', from, 'ISSUE');
      } catch (error) {
        return error instanceof MeshError ? error.reason : error;
      }
    };
    assert.equal(reasonOf('SUBMITTED'), 'REVIEW_REQUIRED');
    assert.equal(reasonOf('CHANGES_REQUESTED'), 'REVIEW_REQUIRED');
    assert.equal(reasonOf('RECOMMENDED'), 'APPROVAL_REQUIRED');
    assert.equal(reasonOf('APPROVED'), 'ISSUING');
    assert.equal(reasonOf('ACTIVE'), 'STATE_CONFLICT');
  });
});
