import type { OptionTable } from '../command.ts';
import { usageFailure } from '../failure.ts';
import type { AktivasiTerms } from './aktivasi-draft.ts';

/** The options by which an activation is stated. */
export const aktivasiOptions = {
  pks: { type: 'string', value: 'NO', help: { id: 'Nomor PKS', en: 'Number of the agreement (PKS)' } },
  juknis: { type: 'string', value: 'NO', help: { id: 'Nomor juknis', en: 'Number of the technical instruction' } },
  conformity: {
    type: 'string',
    value: 'NO',
    help: {
      id: 'Nomor berita acara uji kesesuaian (Permendagri 102/2019)',
      en: 'Number of the report of the conformity check (Permendagri 102/2019)',
    },
  },
  systems: {
    type: 'string',
    value: 'S,S',
    help: { id: 'Sistem yang boleh memanggil, dipisah koma', en: 'Systems that may call, with commas between' },
  },
  networks: {
    type: 'string',
    value: 'N,N',
    help: {
      id: 'Jaringan asal panggilan sebagai CIDR, dipisah koma; dari mana saja: 0.0.0.0/0,::/0',
      en: 'Networks they call from as CIDR, with commas between; from anywhere: 0.0.0.0/0,::/0',
    },
  },
} as const satisfies OptionTable;

type Stated = { readonly [name in keyof typeof aktivasiOptions]?: string | undefined };

/**
 * What the options state; where one is left out, what `inForce` states. Throws a usage failure for one that neither states.
 */
export function aktivasiTerms(options: Stated, inForce?: AktivasiTerms): AktivasiTerms {
  const text = (name: keyof Stated, before: string | undefined): string => {
    const value = options[name] ?? before;
    if (value === undefined) throw usageFailure({ id: `Kurang: --${name}`, en: `Missing: --${name}` });
    return value;
  };
  const names = (name: keyof Stated, before: readonly string[] | undefined): string[] =>
    text(name, before?.join(','))
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  return {
    pksNumber: text('pks', inForce?.pksNumber),
    juknisNumber: text('juknis', inForce?.juknisNumber),
    conformityNumber: options.conformity ?? inForce?.conformityNumber ?? '',
    systems: names('systems', inForce?.systems),
    networks: names('networks', inForce?.networks),
  };
}
