import { fdatasyncSync, openSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { AppendClient } from '#mesh/append-client.ts';
import { MeshError } from '#mesh/errors.ts';
import { eventIdOf } from '#mesh/leaf.ts';
import { createLogger } from '#mesh/log.ts';
import { someEntry } from './audit-entries.ts';

// A writer to the log that believes its disk alone. It appends without end, each record again until it is acknowledged, and
// counts an acknowledgement once the line about it is on disk: "record <event id> <index> <leaf hash>", or "head <checkpoint>".
const { ADDRESS = '', CA = '', CERT = '', KEY = '', FILE = '', WRITERS = '' } = process.env;
const RETRY_MS = 20;

const file = openSync(FILE, 'a', 0o600);
let unwritten: string[] = [];
let waiting: (() => void)[] = [];
let total = 0;

/** Resolves when the line is on disk; the lines of one turn go together. */
function keep(line: string): Promise<void> {
  if (unwritten.length === 0) setImmediate(flush);
  unwritten.push(`${line}\n`);
  return new Promise((resolve) => waiting.push(resolve));
}

function flush(): void {
  const [lines, kept] = [unwritten, waiting];
  [unwritten, waiting] = [[], []];
  writeSync(file, lines.join(''));
  fdatasyncSync(file);
  for (const resolve of kept) resolve();
}

const client = new AppendClient({
  address: ADDRESS,
  tls: { ca: CA, cert: CERT, key: KEY },
  writer: 'broker',
  log: createLogger('broker', 'fatal'),
  onCheckpoint: (checkpoint) => void keep(`head ${Buffer.from(checkpoint).toString('base64')}`),
});

async function write(): Promise<never> {
  for (;;) {
    const entry = someEntry();
    for (let isKept = false; !isKept; ) {
      try {
        const { index, leafHash } = await client.append(entry, 5_000);
        await keep(`record ${eventIdOf(entry.leaf).toString('hex')} ${index} ${leafHash.toString('hex')}`);
        isKept = true;
      } catch (error) {
        if (!(error instanceof MeshError)) throw error;
        await delay(RETRY_MS);
      }
    }
    total++;
    process.stdout.write(`${JSON.stringify({ msg: 'kept', level: 'info', total })}\n`);
  }
}

await Promise.all(Array.from({ length: Number(WRITERS) }, write));
