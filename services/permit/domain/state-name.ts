import { ApplicationState, PermitState } from '#gen/rangkiang/permit/v1/permit.ts';
import type { State } from './life-cycle.ts';

const ofApplication = new Map<number, string>(Object.entries(ApplicationState).map(([name, number]) => [number, name]));
const ofPermit = new Map<number, string>(Object.entries(PermitState).map(([name, number]) => [number, name]));

/** The state of an application in the table of the life cycle; of one that is issued the permit itself says more. */
export function applicationState(state: ApplicationState): State {
  return state === ApplicationState.ISSUED ? 'ACTIVE' : (ofApplication.get(state) as State);
}

/** The state of a permit in the table of the life cycle. */
export function permitState(state: PermitState): State {
  return ofPermit.get(state) as State;
}

/** The contract's number of a state that an application can have. */
export function applicationStateNumber(state: State): ApplicationState {
  return state === 'ACTIVE' ? ApplicationState.ISSUED : ApplicationState[state as keyof typeof ApplicationState];
}
