import { fileURLToPath } from 'node:url';

/** The root of the project. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** The path of a program that npm has installed for this project. */
export function program(name: string): string {
  return `${root}node_modules/.bin/${name}`;
}
