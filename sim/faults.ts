/** Everything that goes wrong in a simulation, and what it is. */
export const faultKinds = {
  lost: 'a message was lost',
  delayed: 'a message took more than 100 ms',
  doubled: 'a message came twice',
  reordered: 'a message overtook an earlier one',
  cut: 'a broker was cut off, both ways or one way',
  refundLie: 'a service said that it left more rows unused than were charged',
  brokerKilled: 'a broker died',
  brokerStopped: 'a broker stopped in order',
  brokerPaused: 'a broker was stopped and went on (SIGSTOP)',
  brokerSuspended: 'the machine of a broker was suspended: its monotonic clock stood still',
  wallClockWrong: 'the wall clock of a machine is wrong',
  wallClockStepped: 'the wall clock of a machine was set',
  permitKilled: 'a permit service died',
  permitPaused: 'a permit service was stopped and went on (SIGSTOP)',
  redisLost: 'Redis was away, and no bell rang',
  postgresAway: 'Postgres was away',
  restored: 'Postgres was restored to an earlier state, as a new incarnation',
  newIncarnation: 'Postgres became a new incarnation, and nothing was lost',
  midnight: 'midnight in Asia/Jakarta',
} as const satisfies Record<string, string>;

export type FaultKind = keyof typeof faultKinds;

/** How often each kind happened. */
export type FaultCounts = Record<FaultKind, number>;

/** Counts of nothing yet. */
export function noFaults(): FaultCounts {
  return Object.fromEntries(Object.keys(faultKinds).map((kind) => [kind, 0])) as FaultCounts;
}
