import { usageFailure } from '../failure.ts';
import { readInput } from '../read-input.ts';

/**
 * The NIK in a file, or on standard input for "-": typed as a word it would stay in the shell's history and in the list of
 * processes. Throws a usage failure, which does not repeat it.
 */
export async function readNik(file: string): Promise<string> {
  const nik = (await readInput(file)).trim();
  if (/^\d{16}$/.test(nik)) return nik;
  throw usageFailure({ id: 'Masukan harus satu NIK, 16 angka.', en: 'The input must be one NIK, 16 digits.' });
}
