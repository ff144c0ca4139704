import { NoteInvalid, type Verifier, verifierOf } from '../../mesh/tlog/note.ts';
import { Receipt } from '../../proto/gen/rangkiang/audit/v1/subject.ts';
import { Purpose } from '../../proto/gen/rangkiang/type/v1/purpose.ts';
import { checkReceipt, ReceiptInvalid } from '../audit/check-receipt.ts';
import { readNik } from '../audit/nik-input.ts';
import { defineCommand } from '../command.ts';
import { enumName } from '../enum-name.ts';
import { exitCode, usageFailure } from '../failure.ts';
import type { Locale } from '../language.ts';
import { moment } from '../permits/names.ts';
import { messageFromJson, readInput } from '../read-input.ts';
import { layoutOf } from '../state/layout.ts';

const words = {
  valid: { id: 'SAH', en: 'VALID' },
  invalid: { id: 'TIDAK SAH', en: 'INVALID' },
  inLog: {
    id: 'catatan nomor {index} ada dalam log dengan {size} catatan',
    en: 'record {index} is in the log of {size}',
  },
  about: { id: 'dan menyangkut NIK ini', en: 'and concerns this NIK' },
  notAsked: {
    id: 'tentang siapa, tidak diperiksa (--nik)',
    en: 'whom it concerns was not checked (--nik)',
  },
} as const;

/** Checks a receipt offline. */
export const auditReceiptCheckCommand = defineCommand({
  name: ['audit', 'receipt', 'check'],
  operands: ['<file>'],
  summary: {
    id: 'Periksa tanda terima tanpa jaringan: sah (0) atau tidak (1)',
    en: 'Check a receipt offline: valid (0) or not (1)',
  },
  options: {
    nik: {
      type: 'string',
      value: 'FILE|-',
      help: {
        id: 'Periksa juga bahwa catatan menyangkut NIK dalam berkas ini',
        en: 'Check as well that the record concerns the NIK in this file',
      },
    },
    'log-key': {
      type: 'string',
      value: 'FILE',
      help: {
        id: 'Kunci publik log (bawaan: kunci mesh di direktori keadaan)',
        en: "The log's public key (default: that of the mesh in the state directory)",
      },
    },
  },
  async run({ operands: [file = ''], options, locale, stateDir }) {
    const receipt = Receipt.decode(messageFromJson('rangkiang.audit.v1.Receipt', await readInput(file)));
    const log = await readLogKey(options['log-key'] ?? layoutOf(stateDir).logKey);
    const nik = options.nik === undefined ? undefined : await readNik(options.nik);
    try {
      console.log(validText(checkReceipt(receipt, log, nik), receipt.index, nik !== undefined, locale));
      return exitCode.ok;
    } catch (error) {
      if (!(error instanceof ReceiptInvalid)) throw error;
      console.log(`${words.invalid[locale]}: ${error.text[locale]}`);
      return exitCode.failed;
    }
  },
});

async function readLogKey(file: string): Promise<Verifier> {
  try {
    return verifierOf(await readInput(file));
  } catch (cause) {
    if (!(cause instanceof NoteInvalid)) throw cause;
    throw usageFailure({ id: `${file} bukan kunci publik log.`, en: `${file} is no public key of a log.` });
  }
}

function validText(
  { leaf, head }: ReturnType<typeof checkReceipt>,
  index: bigint,
  isAbout: boolean,
  locale: Locale,
): string {
  const inLog = words.inLog[locale].replace('{index}', `${index}`).replace('{size}', `${head.size}`);
  const about = isAbout ? words.about[locale] : words.notAsked[locale];
  const time = moment(new Date(Number(leaf.timeUs / 1_000n)));
  const look = [time, `${leaf.opd}/${leaf.unit}`, leaf.method.split('/').at(-1), enumName(Purpose, leaf.purpose)];
  return `${words.valid[locale]}: ${inLog}, ${about}.\n${look.join('  ')}`;
}
