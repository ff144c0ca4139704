import { Grant } from '#gen/rangkiang/mesh/v1/grant.ts';
import type { Element } from '#gen/rangkiang/type/v1/element.ts';
import { candidatesFor, outcomeOf, type PolicyTime } from './decide.ts';
import { asRequest, type Question } from './explain.ts';
import { allJudgements } from './opd-policy.ts';
import type { RegionTable } from './regions.ts';
import type { Snapshot } from './snapshot.ts';

/** A count is nobody's row: it takes in residents of all ages whatever the permit says of children. */
const ofAllAges: ReadonlySet<string> = new Set(['/rangkiang.resident.v1.ResidentService/AggregateResidents']);

/** What calls of one method by one unit can reach, under any permit that they may name. */
export interface Access {
  /** At least one permit lets the call in. */
  readonly callable: boolean;
  /** Element -> where: bit k the adults of kelurahan k, bit `size` + k its children. Two permits add up, but never mix. */
  readonly cells: ReadonlyMap<Element, bigint>;
}

/** What a unit can reach; permit by permit, since no call combines two. */
export function accessOf(snapshot: Snapshot, question: Question, time: PolicyTime, regions: RegionTable): Access {
  const cells = new Map<Element, bigint>();
  let callable = false;
  const request = asRequest(question);
  const found = candidatesFor(snapshot, request, time);
  for (const judgement of typeof found === 'string' ? [] : allJudgements(found)) {
    const outcome = outcomeOf(judgement, request, time);
    if (typeof outcome === 'string') continue;
    callable = true;
    const { elements, regions: codes, children } = Grant.decode(outcome.terms);
    const adults = regions.maskOf(codes);
    const mask = children || ofAllAges.has(question.method) ? adults | (adults << BigInt(regions.size)) : adults;
    for (const element of elements) cells.set(element, (cells.get(element) ?? 0n) | mask);
  }
  return { callable, cells };
}
