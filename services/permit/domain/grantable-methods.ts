/** What decides whether a permit may name a method; see `Method` in mesh/contract. */
export interface NamedMethod {
  readonly service: string;
  readonly policy: { readonly door: string; readonly statutePurpose: number };
}

/**
 * The methods that a permit grants by naming `pattern`: the path itself, or for "/service/*" all of the service. Only
 * methods behind the broker's door that no statute grants; empty when there is none.
 */
export function grantableMethods(pattern: string, methods: ReadonlyMap<string, NamedMethod>): string[] {
  const service = pattern.endsWith('/*') ? pattern.slice(1, -2) : undefined;
  const named = service ? [...methods.keys()].filter((path) => methods.get(path)?.service === service) : [pattern];
  return named.filter((path) => {
    const policy = methods.get(path)?.policy;
    return policy?.door === 'BROKER' && policy.statutePurpose === 0;
  });
}
