import { X509Certificate } from 'node:crypto';
import { printJson } from '../../mesh/contract.ts';
import {
  ListSigningKeysResponse,
  OrderSigningKeyResponse,
  type SigningKey,
} from '../../proto/gen/rangkiang/permit/v1/signing_key.ts';
import type { Locale } from '../language.ts';
import type { Told } from '../permits/words.ts';

const words = {
  inForce: { id: 'BERLAKU', en: 'IN FORCE' },
  ended: { id: 'BERAKHIR', en: 'ENDED' },
  authority: { id: 'otoritas kantor', en: 'office authority' },
  pinned: { id: 'dipasang', en: 'pinned' },
} as const;

/** The keys, one on a line: thumbprint, state, name, last day, and what is special about it. */
export function tellKeys(keys: readonly SigningKey[], locale: Locale): Told {
  const line = keys.map((key) => lineOf(key, locale)).join('\n');
  const bytes = ListSigningKeysResponse.encode({ keys: [...keys] }).finish();
  return { line, json: printJson('rangkiang.permit.v1.ListSigningKeysResponse', bytes) };
}

/** What an order came to. */
export function tellOrder(response: OrderSigningKeyResponse, locale: Locale): Told {
  const bytes = OrderSigningKeyResponse.encode(response).finish();
  return {
    line: tellKeys(response.keys, locale).line,
    json: printJson('rangkiang.permit.v1.OrderSigningKeyResponse', bytes),
  };
}

function lineOf({ thumbprint, certificate, validUntil, authority, ended, pinned }: SigningKey, locale: Locale): string {
  return [
    thumbprint,
    (ended ? words.ended : words.inForce)[locale].padEnd(8),
    new X509Certificate(certificate).subject.replace(/^CN=/, ''),
    `-> ${validUntil?.toISOString().slice(0, 10)}`,
    ...(authority ? [words.authority[locale]] : []),
    ...(pinned ? [words.pinned[locale]] : []),
  ].join('  ');
}
