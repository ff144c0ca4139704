import { createHash } from 'node:crypto';
import {
  type BasicStatus,
  ImportResidentsRequest,
  type ImportRow,
  type ImportRowError,
} from '#gen/rangkiang/resident/v1/registry.ts';
import type { Resident } from '#gen/rangkiang/resident/v1/resident.ts';
import type { Locale } from '#mesh/errors.ts';
import type { DateNumber } from './calendar.ts';
import { faultTexts } from './import-faults.ts';
import { faultOfRow } from './import-rules.ts';
import type { Regions } from './regions.ts';

/** A resident who may enter the register. */
export interface AcceptedResident {
  readonly nik: string;
  readonly resident: Resident;
  readonly status: BasicStatus;
}

/** A chunk after its rows were checked. */
export interface CheckedChunk {
  readonly importId: string;
  readonly chunkNumber: bigint;
  /** SHA-256 of the chunk as it was sent, 32 bytes. */
  readonly digest: Buffer;
  /** Residents in order of NIK, each once: of two rows with one NIK the later replaces the earlier. */
  readonly residents: readonly AcceptedResident[];
  /** Rows without fault. */
  readonly acceptedRows: number;
  readonly errors: readonly ImportRowError[];
}

/** Checks the rows of a chunk; about 10 us each. Error texts are in the given language and never hold a value. */
export function checkChunk(
  chunk: ImportResidentsRequest,
  setting: { regions: Regions; today: DateNumber },
  locale: Locale,
): CheckedChunk {
  const errors: ImportRowError[] = [];
  const byNik = new Map<string, AcceptedResident>();
  for (const row of chunk.rows) {
    const found = faultOfRow(row, setting);
    if (found) errors.push({ line: row.line, field: found.field, message: faultTexts[found.fault][locale] });
    else accept(row, byNik);
  }
  return {
    importId: chunk.importId,
    chunkNumber: chunk.chunkNumber,
    digest: createHash('sha256').update(ImportResidentsRequest.encode(chunk).finish()).digest(),
    // In one order always, so that two imports that touch the same residents cannot block each other.
    residents: [...byNik.values()].sort((a, b) => (a.nik < b.nik ? -1 : 1)),
    acceptedRows: chunk.rows.length - errors.length,
    errors,
  };
}

function accept({ resident, status }: ImportRow, byNik: Map<string, AcceptedResident>): void {
  const nik = resident?.nik;
  if (resident && nik) byNik.set(nik, { nik, resident, status });
}
