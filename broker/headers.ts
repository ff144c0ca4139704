import type { Metadata } from '@grpc/grpc-js';
import { type Locale, MeshError } from '#mesh/errors.ts';

/** What a caller tells in the headers of its call. None of it says who it is: that is the certificate's alone. */
export interface Headers {
  /** Enum name without prefix; empty when the caller named none. */
  readonly purpose: string;
  /** UUID, "STATUTE" or empty. */
  readonly permit: string;
  readonly caseNumber: string;
  /** The operator's assertion, not verified; empty when none came. */
  readonly operator: string;
  /** UUID or empty. */
  readonly requestId: string;
  readonly locale: Locale;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The form of each header that a caller may set; every other name that begins with "rangkiang-" is the mesh's own. */
const FORMS: Readonly<Record<string, RegExp>> = {
  'rangkiang-purpose': /^[A-Z_]{1,60}$/,
  'rangkiang-permit': /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|STATUTE)$/,
  'rangkiang-case': /^[\x21-\x2b\x2d-\x7e]([\x20-\x2b\x2d-\x7e]{0,98}[\x21-\x2b\x2d-\x7e])?$/,
  // Anything of the letters of a JWT: what is wrong with one is told as OPERATOR_INVALID.
  'rangkiang-operator': /^[A-Za-z0-9_.-]+$/,
  'rangkiang-request-id': UUID,
};

/** The caller's language: English when it asks for it, Indonesian otherwise. */
export function localeOf(metadata: Metadata): Locale {
  return /^en\b/i.test(String(metadata.get('accept-language')[0] ?? '')) ? 'en' : 'id';
}

/**
 * Reads the headers of a call. Throws MeshError METADATA_DUPLICATED, METADATA_FORBIDDEN or METADATA_INVALID; a header that
 * is not there is not an error here.
 */
export function readHeaders(metadata: Metadata): Headers {
  const values: Record<string, string> = {};
  for (const name of Object.keys(metadata.getMap())) {
    if (!name.startsWith('rangkiang-')) continue;
    const form = Object.hasOwn(FORMS, name) ? FORMS[name] : undefined;
    // The name is the caller's to choose, so it is told back only when it is one of ours.
    if (!form) throw new MeshError('METADATA_FORBIDDEN', { values: { header: 'rangkiang-*' } });
    const [value, ...more] = metadata.get(name);
    // Node joins two equal headers to one with a comma; none of these forms holds one.
    if (more.length > 0 || String(value).includes(',')) {
      throw new MeshError('METADATA_DUPLICATED', { values: { header: name } });
    }
    if (typeof value !== 'string' || !form.test(value)) {
      throw new MeshError('METADATA_INVALID', { values: { header: name } });
    }
    values[name] = value;
  }
  return {
    purpose: values['rangkiang-purpose'] ?? '',
    permit: values['rangkiang-permit'] ?? '',
    caseNumber: values['rangkiang-case'] ?? '',
    operator: values['rangkiang-operator'] ?? '',
    requestId: values['rangkiang-request-id'] ?? '',
    locale: localeOf(metadata),
  };
}
