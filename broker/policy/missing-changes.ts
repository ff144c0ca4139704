import { PolicyChange } from '#gen/rangkiang/permit/v1/policy.ts';
import { ChangeNotUnderstood } from './changes.ts';
import type { RecordedNarrowing } from './holding.ts';

/** What narrowings do that are known by their records alone. */
export interface MissingChanges {
  /** Bytes of changes that are applied as if the policy log held them. */
  readonly changes: readonly Buffer[];
  /** Permits under which nothing is allowed; UUIDs. */
  readonly permits: readonly string[];
  /** OPDs none of whose operators is believed. */
  readonly operatorsOf: readonly string[];
}

/** Sorts narrowings by what is known of them. Throws ChangeNotUnderstood for one that could narrow anything. */
export function missingChanges(missing: readonly RecordedNarrowing[]): MissingChanges {
  const changes: Buffer[] = [];
  const permits: string[] = [];
  const operatorsOf: string[] = [];
  for (const { narrowing } of missing) {
    switch (narrowing?.$case) {
      case 'change':
        // Whether later documents count depends on it, and they are judged without it.
        if (PolicyChange.decode(narrowing.value).change?.$case === 'signingKeyOrdered') {
          throw new ChangeNotUnderstood('an order that ends a key of the Walikota is recorded and not in the policy');
        }
        changes.push(narrowing.value);
        break;
      case 'permitId':
        permits.push(narrowing.value);
        break;
      case 'operatorsOf':
        operatorsOf.push(narrowing.value);
        break;
      default:
        throw new ChangeNotUnderstood('a narrowing is recorded that this broker does not know');
    }
  }
  return { changes, permits, operatorsOf };
}
