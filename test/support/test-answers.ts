import assert from 'node:assert/strict';
import { join } from 'node:path';
import { hearAnswers, heardAnswers } from './heard-answers.ts';
import { recordsOf, unrecordedAnswers } from './records-of-answers.ts';

/** The answers that the clients of one test mesh get, and whether each has its record. */
export class TestAnswers {
  readonly #file: string;
  readonly #stop: () => void;
  #processes = 1;

  /** Hears this process from now on, and writes what it hears into the state directory. */
  constructor(stateDir: string) {
    this.#file = join(stateDir, 'heard-answers.jsonl');
    this.#stop = hearAnswers(this.#file);
  }

  /** The environment in which to start one process more that is a client: a program of Node, heard like this one. */
  clientEnv(): NodeJS.ProcessEnv {
    this.#processes += 1;
    const hearing = `--import=${new URL('hearing-process.ts', import.meta.url)}`;
    const options = [process.env.NODE_OPTIONS, hearing].filter(Boolean).join(' ');
    return { ...process.env, NODE_OPTIONS: options, RANGKIANG_TEST_ANSWERS: this.#file };
  }

  /**
   * Throws unless every answer up to now has its record. Asks Postgres itself: a test may have stopped the processes, and
   * who checks the log takes no word of theirs.
   */
  async assertRecorded(postgres: string): Promise<void> {
    const { answers, listeners } = heardAnswers(this.#file);
    assert.ok(listeners >= this.#processes, `${this.#processes} processes were clients and only ${listeners} listened`);
    const records = await recordsOf(answers, postgres);
    assert.ok(records.size > 0, 'no answer told a record: nothing was heard');
    const faults = unrecordedAnswers(answers, records);
    assert.equal(faults.length, 0, `${faults.length} answers are not as recorded:\n${faults.join('\n')}`);
  }

  stop(): void {
    this.#stop();
  }
}
