import { Outcome, RecordFilter } from '../../proto/gen/rangkiang/audit/v1/audit.ts';
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
  outcome: {
    type: 'string',
    value: 'O',
    help: {
      id: 'Hanya yang berakhir begini: ANSWERED, REFUSED, FAILED atau CHANGED',
      en: 'Only what ended so: ANSWERED, REFUSED, FAILED or CHANGED',
    },
  },
  operator: {
    type: 'string',
    value: 'PSEUDONYM',
    help: { id: 'Hanya operator ini (pseudonim dalam catatan)', en: 'Only this operator (pseudonym in the records)' },
  },
  permit: {
    type: 'string',
    value: 'ID',
    help: { id: 'Hanya di bawah izin ini, atau STATUTE', en: 'Only under this permit, or STATUTE' },
  },
  emergency: {
    type: 'string',
    value: 'ID',
    help: { id: 'Hanya pemakaian pengaktifan darurat ini', en: 'Only uses of this activation of an emergency permit' },
  },
} as const satisfies OptionTable;

const namesOf = <T extends object>(values: T) =>
  Object.keys(values).filter((name) => name !== 'UNSPECIFIED') as (keyof T & string)[];

/** The filter that the options ask for. */
export function filterOf(options: OptionValues<typeof filterOptions>): RecordFilter {
  const { kind, outcome } = options;
  return RecordFilter.create({
    opd: options.opd,
    kinds: kind === undefined ? [] : [Kind[oneOf('kind', kind, namesOf(Kind))]],
    method: options.method,
    reason: options.reason,
    operatorPseudonym: options.operator,
    permit: options.permit,
    emergency: options.emergency,
    outcome: outcome === undefined ? Outcome.UNSPECIFIED : Outcome[oneOf('outcome', outcome, namesOf(Outcome))],
  });
}
