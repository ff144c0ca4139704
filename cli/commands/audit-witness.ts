import { defineCommand } from '../command.ts';
import { exitCode } from '../failure.ts';
import { layoutOf } from '../state/layout.ts';

const options = {
  listen: {
    type: 'string',
    value: 'HOST:PORT',
    help: { id: 'Alamat saksi (bawaan 127.0.0.1:9480)', en: 'Address of the witness (default 127.0.0.1:9480)' },
  },
  key: {
    type: 'string',
    value: 'FILE',
    help: { id: 'Kunci rahasia saksi: 32 byte dalam base64', en: "The witness's secret key: 32 bytes in base64" },
  },
  memory: {
    type: 'string',
    value: 'DIR',
    help: { id: 'Tempat ia mengingat kepala terakhir', en: 'Where it remembers the newest head' },
  },
  'log-key': {
    type: 'string',
    value: 'FILE',
    help: { id: 'Kunci publik log (bawaan log.vkey)', en: "The log's public key (default log.vkey)" },
  },
} as const;

/** Runs a witness of the audit log, on the Inspektorat's own machine with a key of its own. */
export const auditWitnessCommand = defineCommand({
  name: ['audit', 'witness'],
  operands: [],
  summary: {
    id: 'Jalankan saksi log audit (C2SP tlog-witness) di mesin Inspektorat',
    en: "Run a witness of the audit log (C2SP tlog-witness) on the Inspektorat's machine",
  },
  details: {
    id: 'Saksi menandatangani hanya kepala log yang melanjutkan kepala sebelumnya. Ia memerlukan berkas kuncinya dan log.vkey, selebihnya tidak ada.',
    en: 'It cosigns only a head of the log that goes on from the one before. It needs its key and log.vkey, and nothing else.',
  },
  options,
  async run({ options: given, stateDir }) {
    const layout = layoutOf(stateDir);
    process.env.RANGKIANG_LISTEN = given.listen ?? '127.0.0.1:9480';
    process.env.RANGKIANG_WITNESS_KEY = given.key ?? layout.secret('witness');
    process.env.RANGKIANG_WITNESS_STATE = given.memory ?? layout.memory('witness');
    process.env.RANGKIANG_LOG_KEY = given['log-key'] ?? layout.logKey;
    await import('../witness/main.ts');
    return exitCode.ok;
  },
});
