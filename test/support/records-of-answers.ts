import { status as GrpcStatus } from '@grpc/grpc-js';
import { Kind, Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { methods } from '#mesh/contract.ts';
import { openPool } from '#mesh/sql.ts';
import type { HeardAnswer } from './heard-answers.ts';

/** A row of the log as far as an answer can be held against it. */
export interface RecordOfAnswer {
  /** Columns that the log is searched by. */
  readonly method: string;
  readonly opd: string;
  readonly leaf: Pick<Leaf, 'kind' | 'method' | 'opd' | 'unit' | 'system' | 'permit'>;
}

/** Kinds of a record that says that nothing was given. */
const notGiven: ReadonlySet<number> = new Set([Kind.EMPTY, Kind.FAILED, Kind.DENIED]);
/**
 * Kinds that the record of an answer may have, by the class of its method: a read that shows whose data were looked at is
 * recorded as a disclosure, never the other way round. The record of a write says what was written.
 */
const givenAs: Partial<Record<string, readonly number[]>> = {
  DISCLOSURE: [Kind.DISCLOSED],
  READ: [Kind.READ, Kind.DISCLOSED],
};

/** The records at the indexes that the answers tell, by index; `postgres` is a mesh's server. */
export async function recordsOf(
  answers: readonly HeardAnswer[],
  postgres: string,
): Promise<ReadonlyMap<string, RecordOfAnswer>> {
  const url = new URL(postgres);
  url.pathname = '/audit';
  const pool = openPool(url.href, { max: 1 });
  try {
    const { rows } = await pool.query<{ index: bigint; method: string; opd: string; leaf: Buffer }>(
      'select index, method, opd, leaf from entry where index = any($1)',
      [[...new Set(answers.flatMap(({ index }) => index ?? []))]],
    );
    return new Map(
      rows.map(({ index, method, opd, leaf }) => [String(index), { method, opd, leaf: Leaf.decode(leaf) }]),
    );
  } finally {
    await pool.end();
  }
}

/**
 * What is wrong with the answers, a line each: one that shows data without an index, one whose record is missing or is of
 * another call, and two that show the same record as theirs. Nothing is when answers are a subset of the records.
 */
export function unrecordedAnswers(
  answers: readonly HeardAnswer[],
  records: ReadonlyMap<string, RecordOfAnswer>,
): string[] {
  const used = new Set<string>();
  return answers.flatMap((answer) => {
    const { index, method, opd, unit, status } = answer;
    const fault = index === undefined ? missingIndex(answer) : recordFault(answer, records.get(index), used.has(index));
    // A write that is asked for again is told the record of the first time; every look is a record of its own.
    if (index !== undefined && classOf(method) !== 'WRITE') used.add(index);
    if (fault === undefined) return [];
    const at = index === undefined ? '' : `, record ${index}`;
    return [`${opd}/${unit} ${method} answered ${GrpcStatus[status] ?? status}${at}: ${fault}`];
  });
}

function missingIndex({ method, status }: HeardAnswer): string | undefined {
  const known = methods.get(method);
  // What a stream tells is recorded in pieces, by records of its own: it has no index to tell.
  if (status !== GrpcStatus.OK || !known || known.requestStream || known.responseStream) return undefined;
  // A write may be answered before its record is in the log: the outbox has it.
  return known.policy.auditClass in givenAs ? 'no index of a record was told' : undefined;
}

function recordFault(answer: HeardAnswer, record: RecordOfAnswer | undefined, isUsed: boolean): string | undefined {
  if (!record) return 'there is no such record';
  if (isUsed) return 'the record is that of another answer, too';
  const { leaf } = record;
  // The log names no method that an OPD has no business to know.
  const method = methods.get(answer.method)?.policy.door === 'BROKER' ? answer.method : 'unknown';
  const { opd, unit, system, permit } = answer;
  const expected: Record<string, unknown> = { method, opd, unit, system, ...(permit !== undefined && { permit }) };
  const told: Record<string, unknown> = { ...leaf };
  const other = Object.keys(expected).find((name) => told[name] !== expected[name]);
  if (other !== undefined) return `the record says ${other} "${told[other]}" and not "${expected[other]}"`;
  if (record.method !== leaf.method || record.opd !== leaf.opd) return 'the row and its leaf say different things';
  const kinds = givenAs[classOf(method) ?? ''];
  const isGiven = kinds ? kinds.includes(leaf.kind) : !notGiven.has(leaf.kind);
  const isRight = answer.status === GrpcStatus.OK ? isGiven : notGiven.has(leaf.kind);
  return isRight ? undefined : `the record is of kind ${leaf.kind}`;
}

function classOf(method: string): string | undefined {
  return methods.get(method)?.policy.auditClass;
}
