import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientDuplexStream, status as GrpcStatus, Metadata, type ServiceError } from '@grpc/grpc-js';
import type {
  ImportResidentsRequest,
  ImportResidentsResponse,
  ImportRow,
  ImportRowError,
} from '../../proto/gen/rangkiang/resident/v1/registry.ts';

/** One ImportResidents call. */
export type ImportStream = ClientDuplexStream<ImportResidentsRequest, ImportResidentsResponse>;

/** How far an import is. */
export interface ImportProgress {
  /** Rows done with: the sum of the next three. */
  readonly rows: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Rows of chunks that an earlier run of the same import had sent; how many of them were rejected was told then. */
  readonly skipped: number;
}

/** What an import is told beside its rows. */
export interface ImportOptions {
  /** UUID of the import. The same id must always come with the same rows in the same chunks. */
  readonly importId: string;
  /** Rows in a chunk, at most 500 (the default). A resumed import must use the size that it began with. */
  readonly chunkSize?: number;
  /** Chunks on their way at a time, by default 6: the service works on one while others travel and wait. */
  readonly inFlight?: number;
  /** Breaks in a row, without one answered chunk between them, that are borne; by default 8, about 20 s. */
  readonly patience?: number;
  readonly onProgress?: (progress: ImportProgress) => void;
  readonly onRejected?: (error: ImportRowError) => void;
}

interface Chunk {
  readonly number: number;
  readonly rows: ImportRow[];
}

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 4_000;

async function* chunksOf(rows: Iterable<ImportRow> | AsyncIterable<ImportRow>, size: number): AsyncGenerator<Chunk> {
  let number = 0;
  let chunk: ImportRow[] = [];
  for await (const row of rows) {
    if (chunk.push(row) < size) continue;
    yield { number, rows: chunk };
    number += 1;
    chunk = [];
  }
  if (chunk.length > 0) yield { number, rows: chunk };
}

/** A stream that ended well before every chunk was answered is a break like any other. */
function endedEarly(): ServiceError {
  const details = 'the other side ended the import';
  return Object.assign(new Error(details), { code: GrpcStatus.UNAVAILABLE, details, metadata: new Metadata() });
}

/**
 * Sends rows through ImportResidents and waits for every answer. The first chunk goes alone: its answer tells where the
 * import stands, and what an earlier run had sent is passed over. After a break (UNAVAILABLE) a new stream from `open` goes
 * on with the chunks that were not answered. Memory holds `inFlight` chunks. Throws what `rows` throws, and the
 * ServiceError of a refusal or of a break that lasts.
 */
export async function importPopulation(
  rows: Iterable<ImportRow> | AsyncIterable<ImportRow>,
  open: () => ImportStream,
  { importId, chunkSize = 500, inFlight = 6, patience = 8, onProgress, onRejected }: ImportOptions,
): Promise<ImportProgress> {
  const source = chunksOf(rows, chunkSize);
  const unanswered: Chunk[] = [];
  let progress: ImportProgress = { rows: 0, accepted: 0, rejected: 0, skipped: 0 };
  let exhausted = false;
  // Chunk numbers below are on record already.
  let standing = 0;
  let window = 1;

  const send = (stream: ImportStream, { number, rows }: Chunk): void => {
    stream.write({ importId, chunkNumber: BigInt(number), rows });
  };
  const advance = (by: Partial<Omit<ImportProgress, 'rows'>>): void => {
    const { accepted = 0, rejected = 0, skipped = 0 } = by;
    progress = {
      rows: progress.rows + accepted + rejected + skipped,
      accepted: progress.accepted + accepted,
      rejected: progress.rejected + rejected,
      skipped: progress.skipped + skipped,
    };
    onProgress?.(progress);
  };
  const fill = async (stream: ImportStream): Promise<void> => {
    while (!exhausted && unanswered.length < window) {
      const { done, value: chunk } = await source.next();
      if (done) exhausted = true;
      else if (chunk.number < standing) advance({ skipped: chunk.rows.length });
      else {
        unanswered.push(chunk);
        send(stream, chunk);
      }
    }
    if (exhausted && unanswered.length === 0) stream.end();
  };
  const settle = (answer: ImportResidentsResponse): void => {
    if (unanswered.shift()?.number !== Number(answer.chunkNumber)) {
      throw new Error(`chunk ${answer.chunkNumber} was answered out of turn`);
    }
    for (const error of answer.errors) onRejected?.(error);
    advance({ accepted: answer.accepted, rejected: answer.errors.length });
    standing = Math.max(standing, Number(answer.nextChunkNumber));
    window = inFlight;
  };

  try {
    for (let breaks = 0; ; ) {
      const stream = open();
      // An error after the last answer was read must not end the process; those before reach the loop below.
      stream.on('error', () => {});
      try {
        for (const chunk of unanswered) send(stream, chunk);
        await fill(stream);
        for await (const answer of stream) {
          settle(answer);
          breaks = 0;
          await fill(stream);
        }
        if (exhausted && unanswered.length === 0) return progress;
        throw endedEarly();
      } catch (error) {
        stream.cancel();
        if ((error as ServiceError).code !== GrpcStatus.UNAVAILABLE || breaks === patience) throw error;
        await sleep(Math.min(FIRST_WAIT_MS * 2 ** breaks, LONGEST_WAIT_MS));
        breaks += 1;
      }
    }
  } finally {
    await source.return(undefined);
  }
}
