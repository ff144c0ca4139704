import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'mocha';
import { type Head, LOG_ORIGIN, signCheckpoint } from '#mesh/tlog/checkpoint.ts';
import { logSigner, verifierOf, WITNESS_NAME, witnessSigner } from '#mesh/tlog/note.ts';
import type { TileId } from '#mesh/tlog/tile.ts';
import { forkedFailure, HeadWatch, LogForked } from '../../../../cli/audit/head-watch.ts';
import { CliFailure } from '../../../../cli/failure.ts';
import { naiveRoot } from '../../../support/naive-tree.ts';

const signer = logSigner(LOG_ORIGIN, randomBytes(32));
const witness = witnessSigner(WITNESS_NAME, randomBytes(32));
const hashesOf = (count: number) => Array.from({ length: count }, () => randomBytes(32));

/** A log of fewer than 256 entries, as its tiles show it. */
function shown(hashes: readonly Buffer[]) {
  const log = { hashes: [...hashes], published: '' as string | undefined, isAway: false };
  const away = () => {
    if (log.isAway) throw new CliFailure({ id: 'x', en: 'x' });
  };
  const source = {
    checkpoint: async () => {
      away();
      return log.published || undefined;
    },
    tile: async ({ level, width }: TileId) => {
      away();
      const row = log.hashes.slice(0, width);
      return level === 0 && row.length === width ? Buffer.concat(row) : undefined;
    },
  };
  return { log, watch: new HeadWatch(source, verifierOf(signer.verifierKey), verifierOf(witness.verifierKey)) };
}

const signed = (hashes: readonly Buffer[]) =>
  signCheckpoint({ size: BigInt(hashes.length), root: naiveRoot([...hashes]) }, signer);
const cosigned = (note: string) => note + witness.sign(note.slice(0, note.indexOf('\n\n') + 1));
const fails = (code: string) => (error: unknown) => {
  assert.ok(error instanceof LogForked, String(error));
  assert.equal(error.code, code);
  assert.match(forkedFailure(error).message, /ALARM/);
  return true;
};

describe('HeadWatch', () => {
  it('takes a log that grows, published a little behind, and keeps the largest head', async () => {
    const hashes = hashesOf(20);
    const { log, watch } = shown(hashes);
    log.published = cosigned(signed(hashes.slice(0, 7)));
    await watch.look(signed(hashes.slice(0, 9)));
    await watch.look(signed(hashes.slice(0, 12)));
    assert.equal(watch.known?.size, 12n);
    log.published = cosigned(signed(hashes));
    await watch.look();
    assert.equal(watch.known?.size, 20n);
  });

  it('notices a fork, also one of a head long seen and without growth', async () => {
    const hashes = hashesOf(20);
    const { log, watch } = shown(hashes);
    await watch.look(signed(hashes));
    log.hashes[3] = randomBytes(32);
    await assert.rejects(watch.look(), fails('FORKED'));
    await assert.rejects(watch.look(signed(log.hashes)), fails('FORKED'));
    log.hashes.push(randomBytes(32));
    await assert.rejects(watch.look(signed(log.hashes)), fails('FORKED'));
  });

  it('notices a log that went back', async () => {
    const hashes = hashesOf(20);
    const { log, watch } = shown(hashes);
    await watch.look(signed(hashes));
    log.hashes.length = 19;
    await assert.rejects(watch.look(signed(log.hashes)), fails('WENT_BACK'));
  });

  it('takes no head that the log has not signed, and none published that the witness has not', async () => {
    const hashes = hashesOf(5);
    const { log, watch } = shown(hashes);
    const other = logSigner(LOG_ORIGIN, randomBytes(32));
    await assert.rejects(watch.look(signCheckpoint({ size: 5n, root: naiveRoot(hashes) }, other)), fails('NOT_SIGNED'));
    await assert.rejects(watch.look('something'), fails('NOT_SIGNED'));
    log.published = signed(hashes);
    await assert.rejects(watch.look(), fails('NOT_WITNESSED'));
    log.published = cosigned(signed(hashes)).replace(/[^A]=*\n$/, 'A\n');
    await assert.rejects(watch.look(), (error: unknown) => error instanceof LogForked);
  });

  it('waits while the tiles cannot be read, and before there is a head', async () => {
    const hashes = hashesOf(5);
    const { log, watch } = shown(hashes);
    await watch.look();
    assert.equal(watch.known, undefined);
    log.isAway = true;
    await watch.look(signed(hashes));
    assert.equal(watch.known, undefined);
    log.isAway = false;
    await watch.look(signed(hashes));
    assert.equal((watch.known as Head | undefined)?.size, 5n);
  });
});
