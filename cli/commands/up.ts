import { once } from 'node:events';
import { defineCommand, type Invocation, wholeNumber } from '../command.ts';
import { exitCode } from '../failure.ts';
import { defaultResidents, prepareMesh } from '../first-run/prepare.ts';
import type { Locale, Text } from '../language.ts';
import type { ImportProgress } from '../population/import.ts';
import { FULL_CITY } from '../population/options.ts';
import { MAX_RESIDENTS } from '../population/population.ts';
import { ProgressDisplay } from '../population/progress-display.ts';
import type { Demo } from '../state/demo.ts';
import { startMeshProcesses } from '../supervisor/mesh.ts';
import { defaultBrokers, defaultFirstPort, portCount, portsFrom } from '../supervisor/ports.ts';

/** Each takes about 150 MB. */
const MAX_BROKERS = 16;

const options = {
  residents: {
    type: 'string',
    value: 'N',
    help: {
      id: `Banyaknya penduduk sintetis (bawaan ${defaultResidents}; kota penuh ${FULL_CITY})`,
      en: `How many synthetic residents (default ${defaultResidents}; the full city ${FULL_CITY})`,
    },
  },
  fresh: {
    type: 'boolean',
    help: {
      id: 'Mulai dari awal: hapus penduduk, izin, catatan dan sertifikat',
      en: 'Start over: forget residents, permits, records and certificates',
    },
  },
  port: {
    type: 'string',
    value: 'P',
    help: {
      id: `Port pertama dari ${portCount(defaultBrokers)}, dan dua lagi untuk tiap broker tambahan (bawaan ${defaultFirstPort})`,
      en: `The first of ${portCount(defaultBrokers)} ports, and two more for each further broker (default ${defaultFirstPort})`,
    },
  },
  brokers: {
    type: 'string',
    value: 'N',
    help: {
      id: `Banyaknya broker, sampai ${MAX_BROKERS} (bawaan ${defaultBrokers})`,
      en: `How many brokers, at most ${MAX_BROKERS} (default ${defaultBrokers})`,
    },
  },
} as const;

/** Runs a whole mesh on this machine until Ctrl-C. */
export const upCommand = defineCommand({
  name: ['up'],
  operands: [],
  summary: {
    id: 'Jalankan seluruh mesh di mesin ini sampai Ctrl-C',
    en: 'Run the whole mesh on this machine until Ctrl-C',
  },
  details: {
    id: [
      'PostgreSQL dan Redis dijalankan sendiri, kecuali POSTGRES_URL atau REDIS_URL menyebut server lain.',
      'Pertama kali: penduduk sintetis diimpor dan izin percontohan ditandatangani lewat alur yang sebenarnya.',
      'Bila siap tercetak baris "ready". Catatan proses ada di logs/ dalam direktori keadaan.',
    ].join('\n'),
    en: [
      'PostgreSQL and Redis are started too, unless POSTGRES_URL or REDIS_URL names another server.',
      'The first time, synthetic residents are imported and demonstration permits are signed through the real flow.',
      'When all is up it prints a line "ready". Logs of the processes lie in logs/ in the state directory.',
    ].join('\n'),
  },
  options,
  async run(invocation) {
    const { options: given, locale, stateDir } = invocation;
    const stop = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
    const say = (text: Text) => console.log(text[locale]);
    const residents = count('residents', given.residents, { min: 1, max: MAX_RESIDENTS });
    const brokers = count('brokers', given.brokers, { min: 1, max: MAX_BROKERS }) ?? defaultBrokers;
    const firstPort = count('port', given.port, { min: 1024, max: 65_536 - portCount(brokers) }) ?? defaultFirstPort;
    try {
      say(texts.starting(brokers));
      const mesh = await startMeshProcesses({
        stateDir,
        ports: portsFrom(firstPort, brokers),
        fresh: given.fresh ?? false,
        env: process.env,
        say,
        signal: stop.signal,
      });
      try {
        const demo = await prepareMesh(mesh, { residents, onImport: importProgress(locale), signal: stop.signal });
        console.log(['ready', '', texts.tryThese[locale], ...worthTrying(demo, invocation)].join('\n'));
        if (!stop.signal.aborted) await once(stop.signal, 'abort');
      } finally {
        say(texts.stopping);
        await mesh.stop();
      }
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    }
    return exitCode.ok;
  },
});

const texts = {
  starting: (brokers: number): Text => ({
    id: `menjalankan PostgreSQL, Redis, signer, witness, audit, permit, resident dan ${brokers} broker`,
    en: `starting PostgreSQL, Redis, signer, witness, audit, permit, resident and ${brokers} ${brokers === 1 ? 'broker' : 'brokers'}`,
  }),
  tryThese: { id: 'Coba di terminal lain:', en: 'Try in another terminal:' },
  stopping: { id: 'menghentikan mesh', en: 'stopping the mesh' },
} as const;

function count(option: string, text: string | undefined, range: { min: number; max: number }): number | undefined {
  return text === undefined ? undefined : wholeNumber(option, text, range);
}

function importProgress(locale: Locale): (progress: ImportProgress, residents: number) => void {
  let display: ProgressDisplay | undefined;
  return ({ rows, skipped }, residents) => {
    display ??= new ProgressDisplay({ screen: process.stdout, locale, total: residents });
    if (rows < residents) display.update(rows, skipped);
    else display.finish(rows, skipped);
  };
}

/** Three commands that show what the mesh is for; the NIK is a synthetic one. */
function worthTrying(demo: Demo, { options: given }: Invocation): string[] {
  const state = given.state === undefined ? '' : ` --state ${given.state}`;
  const [name, caller] = Object.entries(demo).find(([, { nikInside }]) => nikInside !== null) ?? [];
  const nik = caller?.nikInside ?? '1371010101010001';
  return [
    `npx rangkiang call ${name ?? 'PKM-LUBUK-BUAYA'} GetResident '{"nik":"${nik}"}' --purpose PELAYANAN_PUBLIK${state}`,
    `npx rangkiang call DISDIK AggregateResidents '{"groupBy":["DIMENSION_PENDIDIKAN_TERAKHIR"]}' --purpose PERENCANAAN_PEMBANGUNAN${state}`,
    `npx rangkiang audit watch --from 0${state}`,
  ].map((line) => `  ${line}`);
}
