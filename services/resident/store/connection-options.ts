/** Settings of PostgreSQL for the connections of one purpose, by name. */
type Settings = Readonly<Record<string, string>>;

/**
 * For reads by key. The plan never depends on the keys, so it is made once (a custom plan costs 200 us a query); and it must
 * stay the index even when it was made while the table was empty, before an import.
 */
export const readsByKey: Settings = { plan_cache_mode: 'force_generic_plan', enable_seqscan: 'off', jit: 'off' };

/**
 * For everything else. One process a query: a parallel plan reads the wide table from end to end and takes both cores from
 * the readers, where the index alone answers in the same time.
 */
export const ordinary: Settings = { max_parallel_workers_per_gather: '0', jit: 'off' };

/** The URL of a database whose connections start with the given settings. */
export function withSettings(databaseUrl: string, settings: Settings): string {
  const url = new URL(databaseUrl);
  const flags = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  url.searchParams.set('options', [url.searchParams.get('options') ?? '', ...flags].join(' ').trim());
  return url.href;
}
