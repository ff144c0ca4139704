import { printJson } from '../../mesh/contract.ts';
import { DirectiveState, FreezeResponse } from '../../proto/gen/rangkiang/permit/v1/directive.ts';
import type { Locale } from '../language.ts';
import { present } from '../permits/flow.ts';
import { type Told, tellBrokers } from '../permits/words.ts';
import { tellTarget } from './target.ts';

const states = {
  frozen: { id: 'BEKU', en: 'FROZEN' },
  lifting: { id: 'BEKU, menunggu catatan pencabutan', en: 'FROZEN, the lifting waits for its record' },
  lifted: { id: 'DICABUT', en: 'LIFTED' },
} as const;

/** A directive; on the line its id, state, target, who gave it, when, and why. */
export function tellDirective(state: DirectiveState, locale: Locale): Told {
  const { directiveId, target, reason } = present(state.directive);
  const stands = state.liftTime ? states.lifted : state.liftJws ? states.lifting : states.frozen;
  const words = [
    directiveId,
    stands[locale].padEnd(7),
    tellTarget(target),
    state.frozenBy,
    state.freezeTime?.toISOString() ?? '',
    reason,
  ];
  const bytes = DirectiveState.encode(state).finish();
  return { line: words.join('  '), json: printJson('rangkiang.permit.v1.DirectiveState', bytes) };
}

/** A freeze; on the line the directive, and how it is known that no broker answers under what is frozen. */
export function tellFreeze(response: FreezeResponse, locale: Locale): Told {
  const json = printJson('rangkiang.permit.v1.FreezeResponse', FreezeResponse.encode(response).finish());
  return { line: `${tellDirective(present(response.directive), locale).line}\n${tellBrokers(response, locale)}`, json };
}
