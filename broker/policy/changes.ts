import { Directive } from '#gen/rangkiang/permit/v1/directive.ts';
import { PolicyChange } from '#gen/rangkiang/permit/v1/policy.ts';
import { validate } from '#mesh/contract.ts';
import { operatorsAreNamed } from './operators.ts';

/** Thrown for a change that cannot be understood. It might narrow something, so nothing after it may be installed. */
export class ChangeNotUnderstood extends Error {}

/**
 * Reads one change. What a newer permit service may have added shows in that our encoding differs from the bytes, and
 * is not understood either. Throws ChangeNotUnderstood.
 */
export function readChange(bytes: Uint8Array): NonNullable<PolicyChange['change']> {
  let message: PolicyChange;
  try {
    message = PolicyChange.decode(bytes);
  } catch (cause) {
    throw new ChangeNotUnderstood('a policy change is no such message', { cause });
  }
  if (!PolicyChange.encode(message).finish().equals(bytes)) {
    throw new ChangeNotUnderstood('a policy change holds what this broker does not know');
  }
  if (message.change === undefined)
    throw new ChangeNotUnderstood('a policy change of a kind that this broker does not know');
  if (message.change.$case === 'permitRevoked' && !/^[0-9a-f-]{36}$/.test(message.change.value.permitId)) {
    throw new ChangeNotUnderstood('a revocation does not name a permit');
  }
  if (message.change.$case === 'frozen') checkDirective(message.change.value);
  if (!operatorsAreNamed(message.change)) {
    throw new ChangeNotUnderstood('a withdrawal does not name an operator or a key');
  }
  if (message.change.$case === 'permitSuspended') {
    const { permitId, suspensionId } = message.change.value;
    if (![permitId, suspensionId].every((id) => /^[0-9a-f-]{36}$/.test(id))) {
      throw new ChangeNotUnderstood('a suspension does not name a permit and itself');
    }
  }
  return message.change;
}

/** A freeze of nothing, or of something without form, would be one that somebody believes in. */
function checkDirective(directive: Directive): void {
  try {
    validate('rangkiang.permit.v1.Directive', Directive.encode(directive).finish());
  } catch (cause) {
    throw new ChangeNotUnderstood('a freeze does not say what is frozen', { cause });
  }
}
