import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ApplicationState } from '#gen/rangkiang/permit/v1/permit.ts';
import { nextState, stateName } from '../../../../../services/permit/domain/application-state.ts';

const { SUBMITTED, ISSUING, ISSUED, REJECTED, UNSPECIFIED } = ApplicationState;

describe('the life of an application', () => {
  it('has exactly these steps', () => {
    const states = [UNSPECIFIED, SUBMITTED, ISSUING, ISSUED, REJECTED];
    const events = ['ISSUE', 'RECORD', 'REJECT'] as const;
    const steps = states.flatMap((state) =>
      events.flatMap((event) => {
        const next = nextState(state, event);
        return next === undefined ? [] : [`${stateName(state)} ${event} ${stateName(next)}`];
      }),
    );
    assert.deepEqual(steps.sort(), ['ISSUING RECORD ISSUED', 'SUBMITTED ISSUE ISSUING', 'SUBMITTED REJECT REJECTED']);
  });
});
