import { Scope } from '#gen/rangkiang/mesh/v1/grant.ts';
import { type Candidate, indexRows, type Terms } from './candidate.ts';
import { makeRow, STATUTE } from './casbin.ts';
import { proveRow } from './prove-row.ts';
import { statuteGrants } from './statute.ts';

/** Statute lets nobody read rows of residents, so its terms hold nothing but the scope. */
function termsOf(scope: Scope): Terms {
  return { elements: [], regions: [], rowCap: 0, minimumCell: 0, children: false, disability: false, scope };
}

/** Compiles what statute grants to an OPD or office. Throws when a row does not behave as it says. */
export function compileStatute(opd: string, registeredOpds: ReadonlySet<string>): Candidate {
  const grants = statuteGrants(opd, registeredOpds);
  const rows = grants.map(({ units, method, purpose, scope }) =>
    makeRow({ permit: STATUTE, opd, units, method, purpose, eft: 'allow', grant: scope }),
  );
  rows.forEach(proveRow);
  const terms = new Map(grants.map(({ method, scope }) => [method, termsOf(Scope[scope])]));
  return Object.freeze({
    id: STATUTE,
    number: '',
    izin: undefined,
    persons: undefined,
    digest: '',
    activation: undefined,
    validFromMs: -Infinity,
    validUntilMs: Infinity,
    hours: undefined,
    rows: indexRows(rows),
    names: () => true, // which units may use a rule is in its row
    terms: (_unit: string, method: string) => terms.get(method) ?? termsOf(Scope.UNSPECIFIED),
  });
}
