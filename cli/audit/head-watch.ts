import { type Head, openCheckpoint } from '../../mesh/tlog/checkpoint.ts';
import { NoteInvalid, openNote, type Verifier } from '../../mesh/tlog/note.ts';
import { CliFailure } from '../failure.ts';
import { type LogSource, rootOf } from './log-source.ts';

/** What makes a log unbelievable while it is watched. */
export type ForkCode = 'NOT_SIGNED' | 'NOT_WITNESSED' | 'WENT_BACK' | 'FORKED';

/** The log is not the one that was seen before. */
export class LogForked extends Error {
  override readonly name = 'LogForked';
  readonly code: ForkCode;
  /** Size of the head that does not fit. */
  readonly size: bigint | undefined;

  constructor(code: ForkCode, size?: bigint) {
    super(`${code} ${size ?? ''}`);
    this.code = code;
    this.size = size;
  }
}

/**
 * Holds every head that the log shows against its tiles as they are now: the newest that was seen, the one that comes with
 * heartbeats, and the one that the witness cosigned. When all are roots of one tree, each goes on from the others.
 */
export class HeadWatch {
  readonly #source: Pick<LogSource, 'checkpoint' | 'tile'>;
  readonly #log: Verifier;
  readonly #witness: Verifier;
  #known: Head | undefined;

  constructor(source: Pick<LogSource, 'checkpoint' | 'tile'>, log: Verifier, witness: Verifier) {
    this.#source = source;
    this.#log = log;
    this.#witness = witness;
  }

  /** The largest head that was found good. */
  get known(): Head | undefined {
    return this.#known;
  }

  /** Looks once; `told` is the checkpoint of a heartbeat. Tiles that cannot be read are no fault. Throws LogForked. */
  async look(told = ''): Promise<void> {
    const heard = told === '' ? undefined : this.#open(told);
    try {
      const published = await this.#published();
      const heads = [this.#known, heard, published].filter((head) => head !== undefined);
      for (const head of heads) await this.#hold(head);
      this.#known = heads.reduce((largest, head) => (head.size > largest.size ? head : largest), heads[0] as Head);
    } catch (error) {
      // Away, or starting anew: looked at again with the next heartbeat.
      if (!(error instanceof CliFailure)) throw error;
    }
  }

  async #published(): Promise<Head | undefined> {
    const note = await this.#source.checkpoint();
    if (note === undefined) return undefined;
    const head = this.#open(note);
    if (signersOf(note, [this.#witness]).length === 0) throw new LogForked('NOT_WITNESSED', head.size);
    return head;
  }

  #open(note: string): Head {
    try {
      return openCheckpoint(note, this.#log);
    } catch (error) {
      if (error instanceof NoteInvalid) throw new LogForked('NOT_SIGNED');
      throw error;
    }
  }

  async #hold({ size, root }: Head): Promise<void> {
    const found = await rootOf(this.#source, size);
    if (!found) throw new LogForked('WENT_BACK', size);
    if (!found.equals(root)) throw new LogForked('FORKED', size);
  }
}

/** Who signed; nobody when a signature is wrong. */
function signersOf(note: string, verifiers: readonly Verifier[]): readonly Verifier[] {
  try {
    return openNote(note, verifiers).signedBy;
  } catch (error) {
    if (error instanceof NoteInvalid) return [];
    throw error;
  }
}

const words: Readonly<Record<ForkCode, (size: string) => { id: string; en: string }>> = {
  NOT_SIGNED: () => ({
    id: 'kepalanya tidak ditandatangani oleh kunci log',
    en: "its head is not signed by the log's key",
  }),
  NOT_WITNESSED: (size) => ({
    id: `kepalanya (${size} catatan) tidak ditandatangani saksi`,
    en: `its head (${size} records) is not signed by the witness`,
  }),
  WENT_BACK: (size) => ({
    id: `log pernah ditandatangani dengan ${size} catatan dan kini lebih sedikit`,
    en: `it was signed with ${size} records and now has fewer`,
  }),
  FORKED: (size) => ({
    id: `log bercabang: ${size} catatan pertama bukan yang pernah ditandatangani`,
    en: `it forked: the first ${size} records are not those that were signed`,
  }),
};

/** What to tell whoever watches, and what to do. */
export function forkedFailure({ code, size }: LogForked): CliFailure {
  const what = words[code](String(size ?? ''));
  return new CliFailure({
    id: `AWAS, LOG AUDIT TIDAK DAPAT DIPERCAYA: ${what.id}. Jangan mulai ulang apa pun: simpan salinan basis data audit, jalankan "rangkiang audit verify", dan hubungi Inspektorat.`,
    en: `ALARM, THE AUDIT LOG CANNOT BE TRUSTED: ${what.en}. Restart nothing: keep a copy of the audit database, run "rangkiang audit verify", and tell the Inspektorat.`,
  });
}
