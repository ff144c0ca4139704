import { ApplicationState } from '#gen/rangkiang/permit/v1/permit.ts';

/** What can happen to an application after it was submitted. */
export type ApplicationEvent = 'ISSUE' | 'RECORD' | 'REJECT';

/**
 * The whole life of an application. ISSUE is the Walikota's signature, RECORD that its record is committed: a permit
 * widens what is allowed, so it may count only afterwards.
 */
const transitions: readonly (readonly [from: ApplicationState, event: ApplicationEvent, to: ApplicationState])[] = [
  [ApplicationState.SUBMITTED, 'ISSUE', ApplicationState.ISSUING],
  [ApplicationState.ISSUING, 'RECORD', ApplicationState.ISSUED],
  [ApplicationState.SUBMITTED, 'REJECT', ApplicationState.REJECTED],
];

/** The state after an event, or undefined when the event is not possible in this state. */
export function nextState(state: ApplicationState, event: ApplicationEvent): ApplicationState | undefined {
  return transitions.find(([from, cause]) => from === state && cause === event)?.[2];
}

/** The state's name for people, "SUBMITTED". */
export function stateName(state: ApplicationState): string {
  return Object.entries(ApplicationState).find(([, value]) => value === state)?.[0] ?? 'UNSPECIFIED';
}
