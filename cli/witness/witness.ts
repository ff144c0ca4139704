import type { Memory } from '../../mesh/memory-file.ts';
import { type Head, openCheckpoint } from '../../mesh/tlog/checkpoint.ts';
import { EMPTY_ROOT } from '../../mesh/tlog/hash.ts';
import { NoteInvalid, type Signer, type Verifier } from '../../mesh/tlog/note.ts';
import { verifyConsistency } from '../../mesh/tlog/proof.ts';

// C2SP tlog-witness: https://c2sp.org/tlog-witness. The answers are that protocol's.

/** What a log is answered. */
export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422;
  readonly body: string;
  readonly type?: string;
}

interface Added {
  readonly oldSize: bigint;
  readonly proof: readonly Buffer[];
  readonly note: string;
}

const say = (status: WitnessAnswer['status'], body: string): WitnessAnswer => ({ status, body: `${body}\n` });

/** Reads the body of add-checkpoint; undefined when it is malformed. */
function parse(body: string): Added | undefined {
  const end = body.indexOf('\n\n');
  const [first = '', ...lines] = body.slice(0, Math.max(end, 0)).split('\n');
  const size = /^old (0|[1-9]\d{0,18})$/.exec(first)?.[1];
  const proof = lines.map((line) => Buffer.from(line, 'base64'));
  if (size === undefined || proof.length > 63 || proof.some(({ length }) => length !== 32)) return undefined;
  return { oldSize: BigInt(size), proof, note: body.slice(end + 2) };
}

/** Cosigns the checkpoints of one log as long as each goes on from the one before; it remembers the newest on disk. */
export class Witness {
  readonly #log: Verifier;
  readonly #signer: Signer;
  readonly #memory: Memory;
  #head: Head = { size: 0n, root: EMPTY_ROOT };

  /** Throws when the memory holds anything but a checkpoint of the log. */
  constructor(log: Verifier, signer: Signer, memory: Memory) {
    this.#log = log;
    this.#signer = signer;
    this.#memory = memory;
    const kept = memory.load();
    if (kept !== '') this.#head = openCheckpoint(kept, log);
  }

  /** The newest head that it has cosigned. */
  get head(): Head {
    return this.#head;
  }

  /** Answers POST /add-checkpoint. */
  addCheckpoint(body: string): WitnessAnswer {
    const added = parse(body);
    if (!added) return say(400, 'malformed');
    if (!added.note.startsWith(`${this.#log.name}\n`)) return say(404, 'not a log of this witness');
    let head: Head;
    try {
      head = openCheckpoint(added.note, this.#log);
    } catch (error) {
      if (error instanceof NoteInvalid) return say(403, 'not signed by the log');
      throw error;
    }
    if (added.oldSize > head.size) return say(400, 'the old size is larger than the checkpoint');
    if (added.oldSize !== this.#head.size) return this.#conflict();
    // Two roots of one size are two histories, whatever the proof.
    if (head.size === this.#head.size && !head.root.equals(this.#head.root)) return this.#conflict();
    if (!verifyConsistency(this.#head, head, added.proof)) return say(422, 'the proof does not verify');
    if (head.size > this.#head.size) this.#memory.save(added.note);
    this.#head = head;
    const text = added.note.slice(0, added.note.indexOf('\n\n') + 1);
    return { status: 200, body: this.#signer.sign(text) };
  }

  #conflict(): WitnessAnswer {
    return { status: 409, body: `${this.#head.size}\n`, type: 'text/x.tlog.size' };
  }
}
