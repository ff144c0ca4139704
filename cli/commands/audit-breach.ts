import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BreachedAccess } from '../../proto/gen/rangkiang/audit/v1/subject.ts';
import { SubjectServiceService } from '../../proto/gen/rangkiang/audit/v1/subject_service.ts';
import { momentOf } from '../audit/moment.ts';
import { permitNumbers } from '../audit/permit-numbers.ts';
import { accessLines, agencyNotice, type Breach, residentLines, residentNotice, summaryOf } from '../breach/pack.ts';
import { openWith, sealFor } from '../breach/sealed-list.ts';
import type { Caller } from '../client/caller.ts';
import { withCaller } from '../client/with-caller.ts';
import { defineCommand } from '../command.ts';
import { exitCode, usageFailure } from '../failure.ts';
import { readInput } from '../read-input.ts';
import { layoutOf } from '../state/layout.ts';

const privateMode = 0o600;
const recipient = 'DISDUKCAPIL';

/** Gathers what article 46 of UU 27/2022 asks for. */
export const auditBreachCommand = defineCommand({
  name: ['audit', 'breach'],
  operands: [],
  summary: {
    id: 'Siapkan berkas pemberitahuan kebocoran (Pasal 46 UU 27/2022) sebagai SECURITY',
    en: 'Prepare the notices after a breach (article 46 of UU 27/2022) as SECURITY',
  },
  details: {
    id: [
      'Menulis ringkasan.json, catatan.jsonl, penduduk.jwe dan dua rancangan pemberitahuan.',
      'penduduk.jwe hanya dibuka pemegang kunci sertifikat penerima: rangkiang audit breach open.',
    ].join('\n'),
    en: [
      'Writes ringkasan.json, catatan.jsonl, penduduk.jwe and two draft notices (in Indonesian).',
      "penduduk.jwe is opened by the holder of the recipient's key alone: rangkiang audit breach open.",
    ].join('\n'),
  },
  options: {
    operator: {
      type: 'string',
      value: 'PSEUDONYM',
      help: {
        id: 'Nama samaran operator seperti dalam catatan (wajib)',
        en: 'Pseudonym of the operator, as in records (required)',
      },
    },
    from: { type: 'string', value: 'TIME', help: { id: 'Sejak saat ini (wajib)', en: 'From then on (required)' } },
    to: {
      type: 'string',
      value: 'TIME',
      help: { id: 'Sebelum saat ini (bawaan: sekarang)', en: 'Before then (default: now)' },
    },
    out: {
      type: 'string',
      value: 'DIR',
      help: { id: 'Direktori (bawaan: kebocoran)', en: 'Directory (default: kebocoran)' },
    },
    for: {
      type: 'string',
      value: 'CERT',
      help: {
        id: 'Sertifikat penerima daftar penduduk (bawaan: Disdukcapil)',
        en: 'Certificate of who receives the list of residents (default: Disdukcapil)',
      },
    },
  },
  async run({ options, locale, stateDir }) {
    const { operator, from: fromText } = options;
    const from = momentOf('from', fromText);
    if (!operator || !from) {
      throw usageFailure({ id: 'Kurang: --operator atau --from.', en: 'Missing: --operator or --from.' });
    }
    const known = new Date();
    const below = momentOf('to', options.to) ?? known;
    const directory = options.out ?? 'kebocoran';
    const cert = await readInput(options.for ?? `${layoutOf(stateDir).client(recipient)}.crt`);
    return withCaller('SECURITY', { stateDir, locale }, async (caller) => {
      const accesses = await breached(caller, operator, from, below);
      const numbers = await permitNumbers(
        caller,
        accesses.map(({ permit }) => permit),
      );
      const breach: Breach = { operator, from, below, known, accesses, numbers };
      const files = {
        'ringkasan.json': `${JSON.stringify(summaryOf(breach), undefined, 2)}\n`,
        'catatan.jsonl': accessLines(breach),
        'penduduk.jwe': await sealFor(cert, Buffer.from(residentLines(breach))),
        'pemberitahuan-penduduk.txt': residentNotice(breach),
        'pemberitahuan-lembaga.txt': agencyNotice(breach),
      };
      await mkdir(directory, { recursive: true });
      for (const [name, text] of Object.entries(files)) {
        await writeFile(join(directory, name), text, { mode: privateMode });
      }
      const { answers, residents, noticesDue } = summaryOf(breach);
      console.log(
        locale === 'id'
          ? `${answers} jawaban, ${residents} penduduk. Berkas di ${directory}. Pemberitahuan paling lambat ${noticesDue}.`
          : `${answers} answers, ${residents} residents. Files in ${directory}. Notices due ${noticesDue}.`,
      );
    });
  },
});

/** Opens the list of residents for the notice run. */
export const auditBreachOpenCommand = defineCommand({
  name: ['audit', 'breach', 'open'],
  operands: ['<penduduk.jwe>'],
  summary: {
    id: 'Buka daftar penduduk tersegel; tulis ke keluaran standar',
    en: 'Open the sealed list of residents; writes to standard output',
  },
  options: {
    key: {
      type: 'string',
      value: 'FILE',
      help: { id: 'Kunci penerima (bawaan: Disdukcapil)', en: "The recipient's key (default: Disdukcapil)" },
    },
  },
  async run({ operands: [file = ''], options, stateDir }) {
    const key = await readFile(options.key ?? `${layoutOf(stateDir).client(recipient)}.key`, 'utf8');
    process.stdout.write(await openWith(key, await readInput(file)));
    return exitCode.ok;
  },
});

async function breached(caller: Caller, operator: string, from: Date, below: Date): Promise<BreachedAccess[]> {
  const accesses: BreachedAccess[] = [];
  let pageToken = '';
  do {
    const request = { operatorPseudonym: operator, fromTime: from, belowTime: below, pageToken };
    const { message } = await caller.call(SubjectServiceService.listBreached, request, { purpose: 'PENGAWASAN' });
    accesses.push(...message.accesses);
    pageToken = message.nextPageToken;
  } while (pageToken !== '');
  return accesses;
}
