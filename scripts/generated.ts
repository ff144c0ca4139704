import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program, root } from './programs.ts';

/** Where generated code lies, below the root of the project. */
export const generatedFolder = 'proto/gen';

/**
 * Generates TypeScript and the buf image from `proto/` beside the project and returns the files by their path below
 * `proto/gen`, so that the caller can compare before anything in the project changes.
 */
export function generate(): Map<string, Buffer> {
  const aside = mkdtempSync(join(tmpdir(), 'rangkiang-gen-'));
  try {
    const folder = join(aside, generatedFolder);
    buf('generate', '--output', aside);
    buf('build', '--exclude-source-info', '--output', join(folder, 'image.binpb'));
    // Validation rules are read from the image; their TypeScript would be dead code.
    rmSync(join(folder, 'buf'), { recursive: true, force: true });
    return new Map([...filesIn(folder)].map(([path, bytes]) => [path, withOurWire(bytes)]));
  } finally {
    rmSync(aside, { recursive: true });
  }
}

/** What is written otherwise in generated code than ts-proto has it, for which it has no option; both modules say why. */
const OURS: readonly (readonly [theirs: RegExp, ours: string])[] = [
  [
    /import { BinaryReader, BinaryWriter } from "@bufbuild\/protobuf\/wire";/,
    'import { BinaryReader, NO_BYTES } from "#binary-reader";\nimport { BinaryWriter } from "#binary-writer";',
  ],
  // The reader gives a Buffer, and the writer one of its own: no need to copy either.
  [/Buffer\.from\(reader\.bytes\(\)\)/g, 'reader.bytes()'],
  [/Buffer\.from\((\w+\.encode\(value\)\.finish\(\))\)/g, '$1'],
  [/Buffer\.alloc\(0\)/g, 'NO_BYTES'],
];

function withOurWire(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  const replaced = OURS.reduce((changed, [theirs, ours]) => changed.replace(theirs, ours), text);
  return replaced === text ? bytes : Buffer.from(replaced, 'latin1');
}

/** The committed files, by their path below `proto/gen`. */
export function committed(): Map<string, Buffer> {
  return filesIn(join(root, generatedFolder));
}

/** The paths that differ between the two, or exist in one only. */
export function differences(left: Map<string, Buffer>, right: Map<string, Buffer>): string[] {
  const same = (path: string) => right.has(path) && left.get(path)?.equals(right.get(path) as Buffer) === true;
  return [...new Set([...left.keys(), ...right.keys()])].filter((path) => !same(path)).sort();
}

function buf(...words: string[]): void {
  execFileSync(program('buf'), words, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
}

function filesIn(folder: string): Map<string, Buffer> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  return new Map(paths.map((path) => [path, readFileSync(join(folder, path))]));
}
