import { PolicyChange } from '#gen/rangkiang/permit/v1/policy.ts';

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
  if (!Buffer.from(PolicyChange.encode(message).finish()).equals(bytes)) {
    throw new ChangeNotUnderstood('a policy change holds what this broker does not know');
  }
  if (message.change === undefined)
    throw new ChangeNotUnderstood('a policy change of a kind that this broker does not know');
  if (message.change.$case === 'permitRevoked' && !/^[0-9a-f-]{36}$/.test(message.change.value.permitId)) {
    throw new ChangeNotUnderstood('a revocation does not name a permit');
  }
  if (message.change.$case === 'permitSuspended') {
    const { permitId, suspensionId } = message.change.value;
    if (![permitId, suspensionId].every((id) => /^[0-9a-f-]{36}$/.test(id))) {
      throw new ChangeNotUnderstood('a suspension does not name a permit and itself');
    }
  }
  return message.change;
}
