import { type Method, methods } from '../../mesh/contract.ts';
import { usageFailure } from '../failure.ts';

/** Methods that callers outside the mesh may ask for. */
const publicMethods = [...methods.values()].filter(({ policy }) => policy.door === 'BROKER');

/** A public method by its short name, "GetResident", or its full path. Throws a usage failure that lists the names. */
export function findMethod(name: string): Method {
  const method = publicMethods.find((candidate) => candidate.path === name || candidate.name === name);
  if (method) return method;
  const names = publicMethods.map((candidate) => candidate.name).join(', ');
  throw usageFailure({
    id: `Tidak ada metode "${name}". Yang ada: ${names}`,
    en: `There is no method "${name}". There are: ${names}`,
  });
}
