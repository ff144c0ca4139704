import { printJson } from '../../mesh/contract.ts';
import { ExplainResponse } from '../../proto/gen/rangkiang/broker/v1/decision.ts';
import { DecisionServiceService } from '../../proto/gen/rangkiang/broker/v1/decision_service.ts';
import { findMethod } from '../client/find-method.ts';
import { answerJson } from '../client/print.ts';
import { withCaller } from '../client/with-caller.ts';
import { defineCommand, jsonOption } from '../command.ts';
import { usageFailure } from '../failure.ts';
import type { Locale, Text } from '../language.ts';
import { permitPurpose } from '../permits/flow.ts';

const yes: Text = { id: 'BOLEH', en: 'ALLOWED' };
const no: Text = { id: 'DITOLAK', en: 'REFUSED' };
const statute: Text = { id: 'peraturan', en: 'the law' };

/** Tells why a call would be allowed or refused. */
export const permitExplainCommand = defineCommand({
  name: ['permit', 'explain'],
  operands: ['<caller>', '<method>'],
  summary: {
    id: 'Mengapa panggilan diizinkan atau ditolak, izin demi izin, dan apa yang harus dilakukan',
    en: 'Why a call is allowed or refused, permit by permit, and what to do',
  },
  options: {
    purpose: {
      type: 'string',
      value: 'P',
      help: { id: 'Tujuan, misalnya PELAYANAN_PUBLIK (wajib)', en: 'Purpose, e.g. PELAYANAN_PUBLIK (required)' },
    },
    permit: {
      type: 'string',
      value: 'ID',
      help: { id: 'Hanya izin dengan UUID ini', en: 'Only the permit of this UUID' },
    },
    unit: {
      type: 'string',
      value: 'UNIT',
      help: { id: 'Unit (bawaan: unit pemanggil)', en: "Unit (default: the caller's)" },
    },
    opd: {
      type: 'string',
      value: 'OPD',
      help: { id: 'OPD lain; hanya untuk kantor (SECURITY, ...)', en: 'Another OPD; for offices only (SECURITY, ...)' },
    },
    system: {
      type: 'string',
      value: 'S',
      help: {
        id: 'Sistem pemanggil (bawaan: yang diaktifkan)',
        en: 'The calling system (default: one that is activated)',
      },
    },
    address: {
      type: 'string',
      value: 'IP',
      help: {
        id: 'Alamat pemanggil (bawaan: yang diizinkan)',
        en: "The caller's address (default: one that is allowed)",
      },
    },
    ...jsonOption,
  },
  async run({ operands: [name = '', methodName = ''], options, ...invocation }) {
    const { purpose, permit = '', unit = '', opd = '', system = '', address = '' } = options;
    if (purpose === undefined) throw usageFailure({ id: 'Kurang: --purpose P', en: 'Missing: --purpose P' });
    const method = findMethod(methodName).path;
    return withCaller(name, invocation, async (caller) => {
      const question = { method, purpose, permit, unit };
      const request = { question, opd, system, certificateSerial: '', operator: '', address };
      const answered = await caller.call(DecisionServiceService.explain, request, permitPurpose);
      const bytes = ExplainResponse.encode(answered.message).finish();
      console.log(
        options.json
          ? answerJson({ ...answered, message: printJson('rangkiang.broker.v1.ExplainResponse', bytes) })
          : explanation(answered.message, invocation.locale),
      );
    });
  },
});

function explanation({ allowed, reason, text, candidates }: ExplainResponse, locale: Locale): string {
  const verdict = (is: boolean, why: string) => (is ? yes[locale] : `${no[locale]} ${why}`);
  return [
    `${verdict(allowed, reason)}: ${text}`,
    ...candidates.map((candidate) => {
      const name = candidate.number ? `${candidate.number} (${candidate.permit})` : statute[locale];
      // One candidate alone would say the same again.
      if (candidates.length === 1) return `  ${name}`;
      return `  ${name}\n    ${verdict(candidate.allowed, candidate.reason)}: ${candidate.text}`;
    }),
  ].join('\n');
}
