/**
 * The part of the Reflect metadata proposal that tsyringe, inside @peculiar/x509, asks for when it is loaded.
 * Import it before @peculiar/x509.
 */
const stored = new WeakMap<object, Map<unknown, unknown>>();

Object.assign(Reflect, {
  defineMetadata(key: unknown, value: unknown, target: object): void {
    const entries = stored.get(target) ?? new Map<unknown, unknown>();
    stored.set(target, entries.set(key, value));
  },
  getOwnMetadata(key: unknown, target: object): unknown {
    return stored.get(target)?.get(key);
  },
  getMetadata(key: unknown, target: object): unknown {
    for (let owner: object | null = target; owner; owner = Reflect.getPrototypeOf(owner)) {
      const entries = stored.get(owner);
      if (entries?.has(key)) return entries.get(key);
    }
    return undefined;
  },
});
