import type { RecordFilter } from '../../proto/gen/rangkiang/audit/v1/audit.ts';
import { Kind } from '../../proto/gen/rangkiang/audit/v1/leaf.ts';
import { type OptionTable, type OptionValues, oneOf } from '../command.ts';

/** Options that choose records. */
export const filterOptions = {
  opd: { type: 'string', value: 'OPD', help: { id: 'Hanya OPD ini', en: 'Only this OPD' } },
  kind: {
    type: 'string',
    value: 'KIND',
    help: { id: 'Hanya jenis ini, misalnya DENIED', en: 'Only this kind, e.g. DENIED' },
  },
  method: {
    type: 'string',
    value: 'PATH',
    help: { id: 'Hanya metode ini (nama lengkap)', en: 'Only this method (full path)' },
  },
  reason: {
    type: 'string',
    value: 'R',
    help: { id: 'Hanya alasan ini, misalnya NO_PERMIT', en: 'Only this reason, e.g. NO_PERMIT' },
  },
} as const satisfies OptionTable;

const kinds = Object.keys(Kind).filter((name) => name !== 'UNSPECIFIED') as (keyof typeof Kind)[];

/** The filter that the options ask for. */
export function filterOf(options: OptionValues<typeof filterOptions>): RecordFilter {
  return {
    opd: options.opd ?? '',
    kinds: options.kind === undefined ? [] : [Kind[oneOf('kind', options.kind, kinds)]],
    method: options.method ?? '',
    reason: options.reason ?? '',
  };
}
