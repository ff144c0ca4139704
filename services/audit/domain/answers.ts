import type { Acknowledgement, AppendResponse, Entry, Refusal } from '#gen/rangkiang/audit/v1/audit.ts';
import { eventIdOf } from '#mesh/leaf.ts';
import { EntryRefused } from './check-entry.ts';
import { Latch } from './latch.ts';

const NO_ID = Buffer.alloc(0);

function refusalOf(entry: Entry, { message }: EntryRefused): Refusal {
  try {
    return { eventId: eventIdOf(entry.leaf), message };
  } catch {
    return { eventId: NO_ID, message };
  }
}

/** What one append stream has been asked and not yet told. A commit that settles many entries makes one answer of them. */
export class Answers {
  /** Opened whenever something below changes. */
  readonly news = new Latch();
  #acknowledgements: Acknowledgement[] = [];
  #refusals: Refusal[] = [];
  #probed = false;
  #outstanding = 0;
  #failure: unknown;

  /** How many entries are neither committed nor refused. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** The error after which the stream cannot go on. */
  get failure(): unknown {
    return this.#failure;
  }

  /** The stream cannot go on. */
  fail(error: unknown): void {
    this.#failure = error;
    this.news.open();
  }

  /** An empty request asks for a sign of life, and gets an empty answer. */
  probe(): void {
    this.#probed = true;
    this.news.open();
  }

  /** Tells of an entry when it is committed or refused. */
  expect(entry: Entry, written: Promise<Acknowledgement>): void {
    this.#outstanding++;
    written.then(
      (acknowledgement) => {
        this.#outstanding--;
        this.#acknowledgements.push(acknowledgement);
        this.news.open();
      },
      (error: unknown) => {
        this.#outstanding--;
        if (!(error instanceof EntryRefused)) return this.fail(error);
        this.#refusals.push(refusalOf(entry, error));
        this.news.open();
      },
    );
  }

  /** Whether there is something to tell. */
  get hasNews(): boolean {
    return this.#probed || this.#acknowledgements.length > 0 || this.#refusals.length > 0;
  }

  /** All since the last time, as one message; undefined when there is nothing to tell. */
  take(): Omit<AppendResponse, 'checkpoint'> | undefined {
    if (!this.hasNews) return undefined;
    const response = { acknowledgements: this.#acknowledgements, refusals: this.#refusals };
    this.#acknowledgements = [];
    this.#refusals = [];
    this.#probed = false;
    return response;
  }
}
