import { setImmediate } from 'node:timers/promises';
import type { Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { type CheckStoredResponse, StoredFaultCode } from '#gen/rangkiang/audit/v1/proof.ts';
import { openCheckpoint } from '#mesh/tlog/checkpoint.ts';
import { NoteInvalid, type Verifier } from '#mesh/tlog/note.ts';
import type { Tree } from '#mesh/tlog/tree.ts';
import { checkStored, type StoredCheckParts, type StoredEntry, type StoredPart } from './check-stored.ts';
import { keptFromUs, type PurposeRule } from './purpose-rules.ts';

/** The log and what is stored beside it. */
export interface StoredLog extends Omit<StoredCheckParts, 'mayBeGone'> {
  /** Rows from `from` up to, not including, `below`, and the parts beside each. */
  read(
    from: bigint,
    below: bigint,
  ): Promise<{ rows: readonly StoredEntry[]; parts: ReadonlyMap<bigint, readonly StoredPart[]> }>;
  /** Index of the newest erasure; -1 for none. */
  lastErasure(): Promise<bigint>;
  /** The checkpoint that is kept as published; empty for none. */
  published(): Promise<string>;
  readonly rules: ReadonlyMap<number, PurposeRule>;
  readonly verifier: Verifier;
  tree(size: bigint): Tree;
}

/** A chunk holds the event loop for some 5 ms, which appends wait for. */
const CHUNK = 128n;

/** Checks from `from` on for about `budgetMs`, up to `below`, of which all must be committed. */
export async function checkPages(
  log: StoredLog,
  from: bigint,
  below: bigint,
  budgetMs: number,
): Promise<CheckStoredResponse> {
  const endMs = performance.now() + budgetMs;
  const page: CheckStoredResponse = { nextIndex: from, records: 0n, opened: 0n, gone: 0n, fault: undefined };
  while (page.nextIndex < below && performance.now() < endMs) {
    const next = page.nextIndex + CHUNK < below ? page.nextIndex + CHUNK : below;
    await checkChunk(log, page, next);
    if (page.fault) return page;
    page.nextIndex = next;
    await setImmediate();
  }
  if (page.nextIndex >= below) page.fault = await checkPublished(log);
  return page;
}

async function checkChunk(log: StoredLog, page: CheckStoredResponse, next: bigint): Promise<void> {
  const { rows, parts } = await log.read(page.nextIndex, next);
  // Asked after the parts were read: an erasure has its record before it removes anything.
  const erasure = await log.lastErasure();
  const now = new Date();
  const isOver = (leaf: Leaf): boolean => {
    const rule = log.rules.get(leaf.purpose);
    return rule !== undefined && leaf.timeUs < keptFromUs(rule, now);
  };
  const needs = { ...log, mayBeGone: (index: bigint, leaf: Leaf) => index < erasure || isOver(leaf) };
  for (const row of rows) {
    const { fault, opened, isGone } = checkStored(row, parts.get(row.index) ?? [], needs);
    if (fault) {
      page.fault = fault;
      return;
    }
    page.records++;
    page.opened += BigInt(opened);
    if (isGone) page.gone++;
  }
}

/** The fault of the checkpoint that a start would go on from. */
async function checkPublished({ published, verifier, tree }: StoredLog): Promise<CheckStoredResponse['fault']> {
  const note = await published();
  if (note === '') return undefined;
  const fault = (index: bigint) => ({ index, code: StoredFaultCode.CHECKPOINT, column: '' });
  try {
    const { size, root } = openCheckpoint(note, verifier);
    return (await tree(size).root()).equals(root) ? undefined : fault(size);
  } catch (error) {
    if (error instanceof NoteInvalid || error instanceof RangeError) return fault(0n);
    throw error;
  }
}
