import type { ApplicationContent } from '#gen/rangkiang/permit/v1/permit.ts';
import { grantableMethods, type NamedMethod } from './grantable-methods.ts';

/** What nobody could grant in an application, beyond the rules of its single fields; undefined when all is well. */
export function faultOf(
  content: ApplicationContent,
  methods: ReadonlyMap<string, NamedMethod>,
): { field: string; description: string } | undefined {
  const method = content.methods.findIndex((pattern) => grantableMethods(pattern, methods).length === 0);
  if (method >= 0) return { field: `content.methods[${method}]`, description: 'is no method that a permit can grant' };
  const units = content.units.map(({ unit }) => unit);
  const unit = units.findIndex((code, index) => units.indexOf(code) < index);
  if (unit >= 0) return { field: `content.units[${unit}].unit`, description: 'is named before' };
  return undefined;
}
