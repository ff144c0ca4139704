import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { parseJson } from '../mesh/contract.ts';
import { MeshError } from '../mesh/errors.ts';
import { CliFailure, usageFailure } from './failure.ts';

/** A file's text, or that of standard input for "-". Throws a failure that names the file. */
export async function readInput(file: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new CliFailure({ id: `${file} tidak terbaca (${code}).`, en: `${file} cannot be read (${code}).` }, 1, {
      cause,
    });
  }
}

/** The bytes of a message from its ProtoJSON. Throws a usage failure that says what is wrong with it. */
export function messageFromJson(typeName: string, json: string): Uint8Array {
  try {
    return parseJson(typeName, json);
  } catch (error) {
    if (!(error instanceof MeshError)) throw error;
    // The cause may hold a value; this is the terminal of whoever typed it.
    const why = error.cause instanceof Error ? error.cause.message : error.message;
    throw usageFailure({ id: `JSON ini bukan ${typeName}: ${why}`, en: `This JSON is no ${typeName}: ${why}` });
  }
}
