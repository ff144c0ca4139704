import { printJson } from '../../mesh/contract.ts';
import { DecisionServiceService } from '../../proto/gen/rangkiang/broker/v1/decision_service.ts';
import { type ReplayedDecision, ReplayResponse, ReplayVerdict } from '../../proto/gen/rangkiang/broker/v1/replay.ts';
import { Element } from '../../proto/gen/rangkiang/type/v1/element.ts';
import { answerJson, refusalJson, refusalText } from '../client/print.ts';
import { CallRefused } from '../client/refusal.ts';
import { withCaller } from '../client/with-caller.ts';
import { defineCommand, jsonOption } from '../command.ts';
import { enumName } from '../enum-name.ts';
import { CliFailure, exitCode, usageFailure } from '../failure.ts';
import type { Locale, Text } from '../language.ts';

const settings = { purpose: 'PENGAWASAN', timeoutMs: 60_000 };

/** Code 1 is for a difference alone, so that a program can tell it from everything that keeps it from being seen. */
const codes: Readonly<Record<ReplayVerdict, number>> = {
  [ReplayVerdict.SAME]: exitCode.ok,
  [ReplayVerdict.DIFFERS]: exitCode.failed,
  [ReplayVerdict.NOT_REPLAYED]: exitCode.usage,
  [ReplayVerdict.UNSPECIFIED]: exitCode.usage,
};

const verdicts: Readonly<Record<ReplayVerdict, Text>> = {
  [ReplayVerdict.SAME]: { id: 'SAMA', en: 'SAME' },
  [ReplayVerdict.DIFFERS]: { id: 'BERBEDA', en: 'DIFFERS' },
  [ReplayVerdict.NOT_REPLAYED]: { id: 'TIDAK DIULANG', en: 'NOT REPLAYED' },
  [ReplayVerdict.UNSPECIFIED]: { id: 'TIDAK DIULANG', en: 'NOT REPLAYED' },
};

const words = {
  recorded: { id: 'catatan', en: 'record' },
  replayed: { id: 'diulang', en: 'replayed' },
  beyond: { id: 'tidak diberikan', en: 'not granted' },
  version: { id: 'kebijakan versi', en: 'policy version' },
  allowed: { id: 'BOLEH', en: 'ALLOWED' },
  refused: { id: 'DITOLAK', en: 'REFUSED' },
} as const satisfies Record<string, Text>;

/** Decides the call of one record again. */
export const auditReplayCommand = defineCommand({
  name: ['audit', 'replay'],
  operands: ['<index>'],
  summary: {
    id: 'Putuskan lagi panggilan sebuah catatan dengan kebijakan saat itu, sebagai SECURITY',
    en: "Decide a record's call again with the policy of then, as SECURITY",
  },
  details: {
    id: 'Kode keluar: 0 sama, 1 berbeda, 2 tidak dapat diulang. Kuota dan batas jangka pendek bukan keputusan kebijakan.',
    en: 'Exit code: 0 the same, 1 differs, 2 cannot be replayed. Quota and short-term limits are not decided by the policy.',
  },
  options: jsonOption,
  async run({ operands: [word = ''], options, locale, stateDir }) {
    if (!/^\d{1,18}$/.test(word)) {
      throw usageFailure({ id: 'Indeks catatan: 0, 1, 2 ...', en: 'The index of a record: 0, 1, 2 ...' });
    }
    let code: number = exitCode.usage;
    try {
      await withCaller('SECURITY', { stateDir, locale }, async (caller) => {
        const answered = await caller.call(DecisionServiceService.replay, { index: BigInt(word) }, settings);
        code = codes[answered.message.verdict] ?? exitCode.usage;
        const bytes = ReplayResponse.encode(answered.message).finish();
        console.log(
          options.json
            ? answerJson({ ...answered, message: printJson('rangkiang.broker.v1.ReplayResponse', bytes) })
            : comparison(answered.message, locale),
        );
      });
    } catch (error) {
      if (error instanceof CallRefused) {
        if (options.json) console.log(refusalJson(error.refusal));
        else console.error(refusalText(error.refusal, locale));
        return exitCode.usage;
      }
      throw error instanceof CliFailure ? new CliFailure(error.text, exitCode.usage, { cause: error }) : error;
    }
    return code;
  },
});

function comparison(answer: ReplayResponse, locale: Locale): string {
  const { verdict, text, recorded, replayed, beyond, policyVersion } = answer;
  const told = (name: keyof typeof words, decision: ReplayedDecision | undefined) => {
    if (decision === undefined) return [];
    const { allowed, permit, reason } = decision;
    const outcome = allowed ? `${words.allowed[locale]} ${permit}` : `${words.refused[locale]} ${reason}`;
    return [`  ${words[name][locale]}: ${outcome}`];
  };
  return [
    `${verdicts[verdict][locale]}: ${text}`,
    ...told('recorded', recorded),
    ...told('replayed', replayed),
    ...(beyond.length > 0
      ? [`  ${words.beyond[locale]}: ${beyond.map((each) => enumName(Element, each)).join(', ')}`]
      : []),
    `  ${words.version[locale]} ${policyVersion}`,
  ].join('\n');
}
