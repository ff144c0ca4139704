import { Random } from '../cli/population/random.ts';
import { BrokerProcess, type CallOutcome, type ForwardedAnswer } from './broker-process.ts';
import { type FaultCounts, noFaults } from './faults.ts';
import { type Era, Machine } from './machine.ts';
import { MemoryStore } from './memory-store.ts';
import { Network } from './network.ts';
import type { Parts } from './parts.ts';
import { type Database, PermitProcess } from './permit-process.ts';
import type { Permit } from './policy.ts';
import { Promises } from './promises.ts';
import { Scheduler } from './scheduler.ts';

/** A broker's place in the city: its machine, and the process on it, if one runs. */
export interface BrokerPlace {
  readonly machine: Machine;
  process: BrokerProcess | undefined;
  /** No new calls: it is being stopped in order. */
  stopping: boolean;
  /** A process was started here before. */
  known: boolean;
}

/** What was done in a simulation, by kind. */
export interface Operations {
  calls: number;
  renewals: number;
  reservations: number;
  returns: number;
  changes: number;
}

/** What its deadline leaves of a renewal or a reservation, as broker/main.ts says. */
const PERMIT_TIMEOUT_MS = 1_000;
const FORWARD_TIMEOUT_MS = 10_000;
const REVOKE_TIMEOUT_MS = 8_000;
/** Both ends may differ by 3 % (docs/decisions/0002-leases-and-revocation.md); here each is wrong by up to 1 %. */
const RATE_ERROR = 0.01;
const HOUR_MS = 3_600_000;

/** A city with brokers, permit services, Postgres, Redis and the register, on a bad network. */
export class City {
  readonly random: Random;
  readonly scheduler = new Scheduler();
  readonly counts: FaultCounts = noFaults();
  readonly operations: Operations = { calls: 0, renewals: 0, reservations: 0, returns: 0, changes: 0 };
  readonly outcomes: Record<CallOutcome, number> = { RELEASED: 0, WITHHELD: 0, REFUSED: 0, LOST: 0 };
  readonly promises = new Promises(() => this.scheduler.nowMs);
  readonly network: Network;
  readonly database: Database;
  readonly brokers: readonly BrokerPlace[];
  readonly permitServices: readonly PermitProcess[];
  /** Permits that were issued, in order. */
  readonly issued: Permit[] = [];
  /** Redis carries bells. */
  redis = true;
  /** A database was restored, and what it lost is not yet known: brokers are not started. */
  restoring = false;
  readonly #parts: Parts;
  readonly #resident: Machine;
  readonly #office: Machine;
  readonly #tell: ((text: string) => void) | undefined;
  #sessions = 0;

  /** `tell` gets a line for each step. */
  constructor(seed: number, parts: Parts, tell?: (text: string) => void) {
    this.#parts = parts;
    this.#tell = tell;
    const random = new Random(seed);
    this.random = random;
    const weather = { lost: random.next() * 0.08, doubled: random.next() * 0.08, late: random.next() * 0.08 };
    this.network = new Network(this.scheduler, random, weather, this.counts);
    const era = this.#era();
    const machine = (name: string) => new Machine(name, this.scheduler, era, this.#clockFaults());
    const databaseOffsetMs = random.between(-500, 500);
    const databaseMs = () => era.startMs + this.scheduler.nowMs + databaseOffsetMs;
    this.database = { store: new MemoryStore(databaseMs, random.choice([2, 3, 1_000])), away: false };
    this.permitServices = [1, 2].map(
      (number) => new PermitProcess(machine(`permit-${number}`), this.database, parts, random),
    );
    const brokers = random.between(2, 4);
    this.brokers = Array.from({ length: brokers }, (_, index) => ({
      machine: machine(`broker-${index + 1}`),
      process: undefined,
      stopping: false,
      known: false,
    }));
    this.#resident = machine('resident');
    this.#office = machine('walikota');
  }

  readonly trace = (text: string): void => this.#tell?.(`${this.scheduler.nowMs.toFixed(1).padStart(9)} ms  ${text}`);

  /** Starts a broker; not while a restored database is not yet repaired. */
  start(place: BrokerPlace): void {
    if (this.restoring || place.process) return;
    this.#sessions += 1;
    place.known = true;
    const { machine } = place;
    this.trace(`${machine.name} starts`);
    place.process = new BrokerProcess(`session-${this.#sessions}`, {
      machine,
      parts: this.#parts,
      renew: (request) => {
        this.operations.renewals += 1;
        const service = this.#permitService();
        return this.network.call(machine, service.machine, () => service.renew(request), PERMIT_TIMEOUT_MS);
      },
      quota: {
        reserve: (request) => {
          this.operations.reservations += 1;
          const service = this.#permitService();
          return this.network.call(machine, service.machine, () => service.reserve(request), PERMIT_TIMEOUT_MS);
        },
        giveBack: (request) => {
          this.operations.returns += 1;
          const service = this.#permitService();
          return this.network.call(machine, service.machine, () => service.giveBack(request), PERMIT_TIMEOUT_MS);
        },
      },
      forward: (rows) => this.#forward(machine, rows),
      promises: this.promises,
      trace: this.trace,
    });
  }

  /** Kills a broker's process. */
  kill(place: BrokerPlace): void {
    this.trace(`${place.machine.name} dies`);
    place.machine.kill();
    place.process = undefined;
    place.stopping = false;
  }

  /** A call of an OPD comes to a broker, if that runs. */
  call(place: BrokerPlace, permit: Permit, rows: number): void {
    this.operations.calls += 1;
    const { process, machine, stopping } = place;
    if (process === undefined || stopping) return;
    machine.guard(() => {
      process.carry(permit, rows).then(
        (outcome) => {
          this.outcomes[outcome] += 1;
        },
        (error) => this.trace(`a call failed: ${error}`),
      );
    })();
  }

  /** The next permit counts. */
  issue(permit: Permit): void {
    if (this.database.away) return;
    this.operations.changes += 1;
    const version = this.database.store.issue(permit.id, permit.quotaPerDay, permit.issue);
    this.issued.push(permit);
    this.trace(`${permit.name} is issued, version ${version}`);
    this.#ring();
  }

  /** The Walikota's office revokes a permit, and asks again until it is answered. */
  revoke(permit: Permit, attempts = 4): void {
    const service = this.#permitService();
    const revocation = async () => {
      await service.revoke(permit.id, permit.revoke, () => {
        this.trace(`${permit.name} is revoked, version ${this.database.store.head.version}`);
        this.operations.changes += 1;
        this.#ring();
      });
      // The moment of the answer is when the service gives it, which is before the office has it.
      this.trace(`the revocation of ${permit.name} is acknowledged`);
      this.promises.acknowledged(permit.id);
    };
    this.network.call(this.#office, service.machine, revocation, REVOKE_TIMEOUT_MS).catch(() => {
      if (attempts > 1) this.#office.timer(200, () => this.revoke(permit, attempts - 1));
    });
  }

  /** The operator confirms a restored database, as `services/permit/confirm-restored.ts` does. */
  confirmRestored(): Promise<void> {
    return this.#parts.store(this.database.store, () => Promise.resolve()).confirmRestored();
  }

  #ring(): void {
    const [{ machine: from }] = this.permitServices as [PermitProcess];
    for (const place of this.brokers) {
      if (this.redis) this.network.send(from, place.machine, () => place.process?.policy.ring());
    }
  }

  #forward(from: Machine, rows: number): Promise<ForwardedAnswer> {
    const lies = this.random.chance(0.03);
    if (lies) this.counts.refundLie += 1;
    const used = lies ? 0 : this.random.between(1, rows);
    const answer = { used, unused: lies ? 3 * rows : rows - used };
    const thinksMs = this.random.chance(0.15) ? this.random.next() * 6_000 : this.random.next() * 20;
    const serve = () =>
      new Promise<ForwardedAnswer>((resolve) => this.#resident.timer(thinksMs, () => resolve(answer)));
    return this.network.call(from, this.#resident, serve, FORWARD_TIMEOUT_MS);
  }

  #permitService(): PermitProcess {
    return this.random.choice(this.permitServices);
  }

  /** Some time of 2026; in a third of all cities midnight in Asia/Jakarta comes while it is watched. */
  #era(): Era {
    const day = Date.parse('2026-03-01T00:00:00+07:00') + this.random.between(0, 200) * 24 * HOUR_MS;
    if (!this.random.chance(1 / 3)) return { startMs: day + this.random.between(1, 22) * HOUR_MS };
    this.counts.midnight += 1;
    return { startMs: day - this.random.between(8_000, 22_000) };
  }

  #clockFaults(): { rate: number; wallOffsetMs: number } {
    const { random } = this;
    const wrong = random.chance(0.5);
    if (wrong) this.counts.wallClockWrong += 1;
    return {
      rate: 1 + (2 * random.next() - 1) * RATE_ERROR,
      wallOffsetMs: wrong ? random.between(-5 * HOUR_MS, 5 * HOUR_MS) : random.between(-50, 50),
    };
  }
}
