import type { SigningKey } from '#gen/rangkiang/permit/v1/signing_key.ts';
import type { SigningKeys } from '#mesh/signing-keys.ts';

/** The keys as the contract shows them: those pinned first, then in the order in which they began. */
export function signingKeyStates(keys: SigningKeys, pinned: SigningKeys): SigningKey[] {
  return [...keys.values()].map((key) => ({
    thumbprint: key.thumbprint,
    certificate: key.certificate.raw,
    validFrom: new Date(key.notBeforeMs),
    validUntil: new Date(key.notAfterMs),
    authority: key.isAuthority,
    ended: key.isEnded,
    pinned: pinned.has(key.thumbprint),
  }));
}
