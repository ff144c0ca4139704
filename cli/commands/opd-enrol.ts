import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { opdId } from '../../mesh/spiffe.ts';
import { type Authority, leafDays, openAuthority } from '../ca/authority.ts';
import { publicMode, writeFileAtomic } from '../ca/files.ts';
import { defineCommand, jsonOption } from '../command.ts';
import { CliFailure, exitCode, usageFailure } from '../failure.ts';
import { readInput } from '../read-input.ts';
import { mainUnit, opdCodes } from '../state/callers.ts';
import { type Layout, layoutOf } from '../state/layout.ts';

/** Certifies the key of an OPD's system; the private key never leaves the OPD. */
export const opdEnrolCommand = defineCommand({
  name: ['opd', 'enrol'],
  operands: ['<code>'],
  summary: {
    id: `Terbitkan sertifikat ${leafDays} hari untuk sistem OPD dari CSR-nya; kunci tetap pada OPD`,
    en: `Issue a certificate of ${leafDays} days for an OPD's system from its CSR; the OPD keeps its key`,
  },
  details: {
    id: [
      'code: kode OPD, misalnya DKK (data/opd_kota_padang.csv). Nama di dalam CSR tidak dipakai: kita yang menentukan.',
      'OPD membuat kunci dan CSR di mesinnya sendiri, misalnya:',
      '  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=simpus -keyout simpus.key -out simpus.csr',
    ].join('\n'),
    en: [
      'code: code of the OPD, e.g. DKK (data/opd_kota_padang.csv). Names in the CSR are not used: we decide them.',
      'The OPD makes key and CSR on its own machine, for example:',
      '  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=simpus -keyout simpus.key -out simpus.csr',
    ].join('\n'),
  },
  options: {
    csr: {
      type: 'string',
      value: 'FILE',
      help: { id: 'Permintaan sertifikat (PKCS #10, PEM)', en: 'Certificate request (PKCS #10, PEM)' },
    },
    unit: {
      type: 'string',
      value: 'UNIT',
      help: { id: 'Unit OPD (bawaan PUSAT)', en: 'Unit of the OPD (default PUSAT)' },
    },
    system: {
      type: 'string',
      value: 'NAME',
      help: { id: 'Nama sistem (bawaan layanan)', en: 'Name of the system (default layanan)' },
    },
    out: {
      type: 'string',
      value: 'FILE',
      help: {
        id: 'Berkas sertifikat (bawaan: keluaran standar)',
        en: "The certificate's file (default: standard output)",
      },
    },
    ...jsonOption,
  },
  async run({ operands: [code = ''], options, locale, stateDir }) {
    if (options.csr === undefined) throw usageFailure({ id: 'Kurang: --csr FILE', en: 'Missing: --csr FILE' });
    const spiffeId = idOf(code, options.unit ?? mainUnit, options.system ?? 'layanan');
    const csr = await readInput(options.csr);
    const authority = await openAuthorityOf(layoutOf(stateDir));
    const certPem = await authority.certify(csr, spiffeId).catch((cause: Error) => {
      throw new CliFailure({ id: `CSR ditolak: ${cause.message}`, en: `The CSR is refused: ${cause.message}` }, 1, {
        cause,
      });
    });
    const { validTo } = new X509Certificate(certPem);
    if (options.out !== undefined) await writeFileAtomic(options.out, certPem, publicMode);
    if (options.json) console.log(JSON.stringify({ spiffeId, validTo, certificate: certPem, ca: authority.certFile }));
    else if (options.out === undefined) process.stdout.write(certPem);
    const words = { id: `${spiffeId}, berlaku sampai ${validTo}`, en: `${spiffeId}, valid until ${validTo}` };
    if (!options.json) console.error(words[locale]);
    return exitCode.ok;
  },
});

function idOf(code: string, unit: string, system: string): string {
  if (!opdCodes.includes(code)) {
    throw usageFailure({
      id: `"${code}" bukan kode OPD. Daftarnya: ${opdCodes.join(', ')}`,
      en: `"${code}" is no OPD code. They are: ${opdCodes.join(', ')}`,
    });
  }
  if (!/^[A-Z][A-Z0-9-]{1,39}$/.test(unit)) {
    throw usageFailure({ id: '--unit harus seperti PKM-LUBUK-BUAYA.', en: '--unit must look like PKM-LUBUK-BUAYA.' });
  }
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(system)) {
    throw usageFailure({ id: '--system harus seperti simpus.', en: '--system must look like simpus.' });
  }
  return opdId(code, unit, system);
}

/** The authority of a mesh that was started before; a new one would be trusted by nobody. */
async function openAuthorityOf(layout: Layout): Promise<Authority> {
  if (existsSync(layout.ca)) return openAuthority(layout.dir);
  throw new CliFailure({
    id: `Tidak ada otoritas sertifikat di ${layout.dir}. Jalankan "npm start" di sana dahulu, atau sebut direktori lain dengan --state.`,
    en: `There is no certificate authority in ${layout.dir}. Run "npm start" there first, or name another directory with --state.`,
  });
}
