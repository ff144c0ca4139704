import type { BrokerPlace, City } from './city.ts';
import type { FaultKind } from './faults.ts';
import type { Machine } from './machine.ts';
import { permits } from './policy.ts';

/** How long a city is watched, in virtual milliseconds. */
export const LENGTH_MS = 32_000;

const CALLS = 170;
/** Calls in the seconds around a revocation, of the permit that it revokes. */
const CALLS_AROUND = 14;

/** A kind of trouble: how often it comes in a city (a number between these), and what it does. */
interface Trouble {
  readonly kind: FaultKind;
  readonly times: readonly [least: number, most: number];
  readonly strike: (city: City, place: BrokerPlace) => void;
}

const secondsMs = (city: City, least: number, most: number) => (least + city.random.next() * (most - least)) * 1_000;

/** Puts the work that waited for a machine into any order. */
function mix(city: City): (work: (() => void)[]) => (() => void)[] {
  return (work) =>
    work
      .map((each) => ({ each, at: city.random.next() }))
      .sort((a, b) => a.at - b.at)
      .map(({ each }) => each);
}

function freeze(city: City, machine: Machine, how: 'pause' | 'suspend', lengthMs: number): void {
  if (machine.frozen) return;
  city.trace(`${machine.name} is ${how === 'pause' ? 'paused' : 'suspended'} for ${Math.round(lengthMs)} ms`);
  machine[how]();
  city.scheduler.after(lengthMs, () => machine.resume(mix(city)));
}

/** A machine that is suspended keeps right time by its wall clock: it is never one whose wall clock is set meanwhile. */
function isSuspendedSometimes(city: City, place: BrokerPlace): boolean {
  return city.brokers.indexOf(place) % 2 === 0;
}

/** A copy is put back in place of the database, as the guide says: no permit service runs meanwhile, for longer than a lease. */
function restore(city: City): void {
  const { database, permitServices, brokers, scheduler } = city;
  const copy = database.store.copy();
  scheduler.after(secondsMs(city, 2, 8), () => {
    if (city.restoring) return;
    city.counts.restored += 1;
    city.trace(`Postgres is lost at version ${database.store.head.version}`);
    const lost = database.store;
    city.restoring = true;
    database.away = true;
    for (const { machine } of permitServices) machine.kill();
    // Who has not seen the last change could not tell that the copy is older.
    for (const place of brokers) {
      const version = place.process?.policy.current().snapshot.version;
      if (version !== lost.head.version) city.kill(place);
    }
    scheduler.after(secondsMs(city, 4, 6), () => {
      database.store = copy;
      void city.confirmRestored();
      database.away = false;
      city.trace(`Postgres is restored at version ${copy.head.version}`);
      scheduler.after(secondsMs(city, 2, 6), () => repair(city, lost.revoked));
    });
  });
}

/** The operator revokes again what the evidence log tells was revoked, and then starts the brokers anew. */
function repair(city: City, lostRevocations: readonly string[]): void {
  const revoked = new Set(lostRevocations);
  for (const { id, revoke } of permits) if (revoked.has(id)) city.database.store.revoke(id, revoke);
  city.trace(`what was lost is repaired, version ${city.database.store.head.version}`);
  city.restoring = false;
  for (const place of city.brokers) {
    city.kill(place);
    city.scheduler.after(secondsMs(city, 0.1, 1), () => city.start(place));
  }
}

const troubles: readonly Trouble[] = [
  {
    kind: 'brokerKilled',
    times: [0, 3],
    strike: (city, place) => {
      city.kill(place);
      city.scheduler.after(secondsMs(city, 0.2, 3), () => city.start(place));
    },
  },
  {
    kind: 'brokerStopped',
    times: [0, 2],
    strike: (city, place) => {
      const { process } = place;
      if (process === undefined) return;
      place.stopping = true;
      city.trace(`${place.machine.name} is stopped in order`);
      const stopped = () => {
        if (place.process !== process) return;
        city.kill(place);
        city.scheduler.after(secondsMs(city, 0.1, 1), () => city.start(place));
      };
      place.machine.guard(() => void process.stop().then(stopped))();
    },
  },
  {
    kind: 'brokerPaused',
    times: [0, 4],
    strike: (city, { machine }) => freeze(city, machine, 'pause', secondsMs(city, 0.2, 8)),
  },
  {
    kind: 'brokerSuspended',
    times: [0, 3],
    strike: (city, place) => {
      const suspended = isSuspendedSometimes(city, place) ? place : city.brokers[0];
      if (suspended) freeze(city, suspended.machine, 'suspend', secondsMs(city, 1, 12));
    },
  },
  {
    kind: 'wallClockStepped',
    times: [0, 4],
    strike: (city, place) => {
      const stepped = isSuspendedSometimes(city, place) ? city.brokers[1] : place;
      const byMs = (city.random.chance(0.7) ? -1 : 1) * secondsMs(city, 0.5, 7_200);
      city.trace(`the wall clock of ${stepped?.machine.name} is set by ${Math.round(byMs)} ms`);
      stepped?.machine.stepWallClock(byMs);
    },
  },
  {
    kind: 'cut',
    times: [0, 4],
    strike: (city, { machine }) => {
      const cut = city.random.choice(['BOTH', 'OUTGOING', 'INCOMING'] as const);
      city.trace(`${machine.name} is cut off: ${cut}`);
      city.network.cut(machine, cut);
      city.scheduler.after(secondsMs(city, 0.5, 8), () => city.network.cut(machine, undefined));
    },
  },
  {
    kind: 'permitKilled',
    times: [0, 2],
    strike: (city) => {
      const { machine } = city.random.choice(city.permitServices);
      city.trace(`${machine.name} dies, and starts anew`);
      machine.kill();
    },
  },
  {
    kind: 'permitPaused',
    times: [0, 2],
    strike: (city) => freeze(city, city.random.choice(city.permitServices).machine, 'pause', secondsMs(city, 0.1, 4)),
  },
  {
    kind: 'redisLost',
    times: [0, 2],
    strike: (city) => {
      city.redis = false;
      city.scheduler.after(secondsMs(city, 1, 10), () => {
        city.redis = true;
      });
    },
  },
  {
    kind: 'postgresAway',
    times: [0, 1],
    strike: (city) => {
      if (city.restoring) return;
      city.trace('Postgres is away');
      city.database.away = true;
      city.scheduler.after(secondsMs(city, 0.2, 4), () => {
        if (!city.restoring) city.database.away = false;
      });
    },
  },
];

/** Lets happen whatever the city's seed says: permits issued and revoked, calls, and every kind of trouble. */
export function tell(city: City): void {
  const { random, scheduler } = city;
  const at = (ms: number, happen: () => void) => scheduler.after(ms, happen);
  for (const place of city.brokers.slice(0, -1)) at(random.next() * 500, () => city.start(place));
  permits.forEach((permit, index) => {
    at(index < 3 ? index * 10 : random.next() * LENGTH_MS, () => city.issue(permit));
  });
  for (let calls = 0; calls < CALLS; calls += 1) at(random.next() * LENGTH_MS, () => callSomewhere(city));
  for (let revocations = random.between(3, 5); revocations > 0; revocations -= 1) {
    at(4_000 + random.next() * (LENGTH_MS - 8_000), () => revokeSome(city));
  }
  for (const { kind, times, strike } of troubles) {
    for (let left = random.between(...times); left > 0; left -= 1) {
      at(random.next() * LENGTH_MS, () => {
        city.counts[kind] += 1;
        strike(city, random.choice(city.brokers));
      });
    }
  }
  if (random.chance(0.25)) at(random.next() * (LENGTH_MS / 2), () => restore(city));
  if (random.chance(0.25)) {
    at(random.next() * LENGTH_MS, () => {
      if (city.restoring) return;
      city.counts.newIncarnation += 1;
      city.trace('Postgres becomes a new incarnation, and nothing is lost');
      void city.confirmRestored();
    });
  }
}

function callSomewhere(
  city: City,
  permit = city.issued.length > 0 ? city.random.choice(city.issued) : undefined,
): void {
  if (permit) city.call(city.random.choice(city.brokers), permit, city.random.choice([1, 5, 10]));
}

function revokeSome(city: City): void {
  if (city.issued.length === 0) return;
  const permit = city.random.choice(city.issued);
  for (let calls = 0; calls < CALLS_AROUND; calls += 1) {
    city.scheduler.after(city.random.next() * 7_000, () => callSomewhere(city, permit));
  }
  // A broker that nobody knows yet asks for its first lease while the revocation commits.
  const newcomer = city.brokers.find((place) => !place.known);
  if (newcomer) {
    city.scheduler.after(600 + city.random.next() * 400, () => city.start(newcomer));
    for (let atMs = 1_500; atMs < 3_500; atMs += 250) city.scheduler.after(atMs, () => city.call(newcomer, permit, 1));
  }
  city.scheduler.after(1_000, () => city.revoke(permit));
}
