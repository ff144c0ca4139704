import { readFile } from 'node:fs/promises';
import { openCheckpoint } from '../../mesh/tlog/checkpoint.ts';
import { NoteInvalid, openNote, verifierOf } from '../../mesh/tlog/note.ts';
import { ProofServiceService } from '../../proto/gen/rangkiang/audit/v1/proof_service.ts';
import { directoryLog, httpsLog, type LogSource } from '../audit/log-source.ts';
import { narrowFault } from '../audit/narrow-fault.ts';
import { type Beside, verifyBeside } from '../audit/verify-beside.ts';
import { LogFault, verifyLog } from '../audit/verify-log.ts';
import { faultFacts, faultText, reportText } from '../audit/verify-words.ts';
import { withCaller } from '../client/with-caller.ts';
import { defineCommand, type Invocation, jsonOption } from '../command.ts';
import { CliFailure, exitCode } from '../failure.ts';
import { ProgressDisplay } from '../population/progress-display.ts';
import { readEndpoints } from '../state/endpoints.ts';
import { layoutOf } from '../state/layout.ts';

const options = {
  url: {
    type: 'string',
    value: 'URL',
    help: { id: 'Alamat log (bawaan: mesh yang berjalan)', en: 'Address of the log (default: the running mesh)' },
  },
  dir: {
    type: 'string',
    value: 'DIR',
    help: { id: 'Salinan log dalam direktori, tanpa jaringan', en: 'A copy of the log in a directory, offline' },
  },
  key: {
    type: 'string',
    value: 'FILE',
    help: { id: 'Kunci publik log (bawaan log.vkey)', en: "The log's public key (default log.vkey)" },
  },
  'witness-key': {
    type: 'string',
    value: 'FILE',
    help: { id: 'Kunci publik saksi (bawaan witness.vkey)', en: "The witness's public key (default witness.vkey)" },
  },
  since: {
    type: 'string',
    value: 'FILE',
    help: {
      id: 'Checkpoint lama: hanya periksa yang sesudahnya, dan bahwa log melanjutkannya',
      en: 'An older checkpoint: check only what came after it, and that the log goes on from it',
    },
  },
  ...jsonOption,
} as const;

/** Checks the audit log as an outsider can: from its tiles, against its signed head. */
export const auditVerifyCommand = defineCommand({
  name: ['audit', 'verify'],
  operands: [],
  summary: {
    id: 'Periksa seluruh log audit terhadap kepala yang ditandatangani',
    en: 'Check the whole audit log against its signed head',
  },
  details: {
    id: 'Menghitung ulang setiap catatan dan setiap petak dari log; pada mesh yang berjalan juga salinan untuk pencarian dan bagian tersegel. Yang pertama salah disebut indeksnya, dengan kode keluar 1. Catatan boleh tidak ada hanya bila catatan PRUNED dalam log menyebutnya.',
    en: 'Hashes every record and every tile of the log again; on the running mesh also what searches use, and the sealed parts. Names the index of the first that is wrong, and exits with 1. Records may be gone only where a record PRUNED of the log names them.',
  },
  options,
  async run(invocation) {
    const { options: given, locale } = invocation;
    const layout = layoutOf(invocation.stateDir);
    const verifier = verifierOf(await text(given.key ?? layout.logKey));
    const witness = verifierOf(await text(given['witness-key'] ?? layout.witnessKey));
    const source = await sourceOf(invocation);
    try {
      const note = await source.checkpoint();
      if (note === undefined) {
        throw new CliFailure({
          id: 'Log ini belum mempunyai kepala yang ditandatangani. Coba lagi setelah ada catatan pertama.',
          en: 'This log has no signed head yet. Try again after its first record.',
        });
      }
      const head = opened(note, (text) => openCheckpoint(text, verifier));
      const witnesses = opened(note, (text) => openNote(text, [witness])).signedBy;
      if (witnesses.length === 0) throw unwitnessed(witness.name);
      const since =
        given.since === undefined ? undefined : opened(await text(given.since), (old) => openCheckpoint(old, verifier));
      const display = new ProgressDisplay({ screen: process.stderr, locale, total: Number(head.size) });
      const { pruned } = await verifyLog(source, head, {
        since,
        onProgress: (entries) => display.update(Number(entries), Number(since?.size ?? 0n)),
      }).catch(async (error: unknown) => {
        throw error instanceof LogFault ? await narrowFault(error, source, head, verifier, since?.size) : error;
      });
      display.clear();
      const beside = await checkBeside(invocation, since?.size ?? 0n, head.size);
      console.log(
        reportText({ head, signer: verifier.name, witness: witness.name, since, pruned, beside }, given.json ?? false),
      );
      return exitCode.ok;
    } catch (error) {
      if (!(error instanceof LogFault)) throw error;
      if (given.json) console.log(JSON.stringify({ consistent: false, ...faultFacts(error) }));
      throw new CliFailure(faultText(error));
    } finally {
      source.close();
    }
  },
});

async function sourceOf({ options: given, stateDir }: Invocation<typeof options>): Promise<LogSource> {
  if (given.dir !== undefined) return directoryLog(given.dir);
  const layout = layoutOf(stateDir);
  const reader = layout.client('SECURITY');
  const url = given.url ?? (await readEndpoints(layout)).tiles;
  return httpsLog(url, { ca: layout.ca, cert: `${reader}.crt`, key: `${reader}.key` });
}

/** What only the service can see; undefined where the log is a copy or another mesh's. Throws LogFault. */
async function checkBeside(
  { options: given, stateDir, locale }: Invocation<typeof options>,
  from: bigint,
  below: bigint,
): Promise<Beside | undefined> {
  if (given.dir !== undefined || given.url !== undefined) return undefined;
  let beside: Beside | undefined;
  await withCaller('SECURITY', { stateDir, locale }, async (caller) => {
    const ask = async (fromIndex: bigint) => {
      const request = { fromIndex, belowIndex: below };
      return (await caller.call(ProofServiceService.checkStored, request, { purpose: 'PENGAWASAN' })).message;
    };
    beside = await verifyBeside(ask, from, below);
  });
  return beside;
}

function unwitnessed(name: string): CliFailure {
  return new CliFailure({
    id: `Saksi ${name} tidak menandatangani kepala log ini. Tanyakan kepada Inspektorat mengapa.`,
    en: `The witness ${name} has not signed this head of the log. Ask the Inspektorat why.`,
  });
}

function opened<T>(note: string, open: (note: string) => T): T {
  try {
    return open(note);
  } catch (cause) {
    if (!(cause instanceof NoteInvalid)) throw cause;
    throw new CliFailure(
      {
        id: `Kepala log (checkpoint) tidak sah: ${cause.message}. Log ini bukan yang ditandatangani; hubungi Inspektorat.`,
        en: `The head of the log (checkpoint) is not valid: ${cause.message}. This is not the log that was signed; tell the Inspektorat.`,
      },
      1,
      { cause },
    );
  }
}

async function text(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new CliFailure({ id: `Berkas ${file} tidak dapat dibaca.`, en: `The file ${file} cannot be read.` }, 1, {
      cause,
    });
  }
}
