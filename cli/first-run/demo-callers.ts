import { Element } from '../../proto/gen/rangkiang/type/v1/element.ts';
import { Purpose } from '../../proto/gen/rangkiang/type/v1/purpose.ts';
import { enumName } from '../enum-name.ts';
import { callers } from '../state/callers.ts';
import type { Demo, DemoCaller } from '../state/demo.ts';
import type { ObtainedPermit } from './applications.ts';
import { withoutPermit } from './demo-permits.ts';
import type { Samples } from './samples.ts';

/** What demo.json tells of every caller that a demonstration permit names, and of the one that has none. */
export function describeDemo(permits: readonly ObtainedPermit[], samples: Samples): Demo {
  const granted = permits.flatMap(({ demo, permitId }) =>
    demo.content.units.map(({ unit, regions }): [string, DemoCaller] => {
      const caller = callers.find((candidate) => candidate.opd === demo.opd && candidate.unit === unit);
      if (!caller) throw new Error(`no caller for ${demo.opd}/${unit}`);
      return [
        caller.name,
        {
          purpose: enumName(Purpose, demo.content.purpose),
          permit: permitId,
          methods: demo.content.methods,
          elements: demo.content.elements.map((element) => enumName(Element, element)),
          regions,
          nikInside: adultWhere(samples, (kecamatan) => isIn(kecamatan, regions)),
          nikOutside: outside(samples, regions, demo.terms.children),
        },
      ];
    }),
  );
  const { caller, purpose } = withoutPermit;
  const nikOutside = adultWhere(samples, () => true);
  const nothing = { purpose, permit: null, methods: [], elements: [], regions: [], nikInside: null, nikOutside };
  return Object.fromEntries([...granted, [caller, nothing]]);
}

/** Whoever is on record but not in the scope: somebody of another kecamatan, or where that is none, a child. */
function outside(samples: Samples, regions: readonly string[], children: boolean): string | null {
  const elsewhere = adultWhere(samples, (kecamatan) => !isIn(kecamatan, regions));
  return elsewhere ?? (children ? null : (samples.child ?? null));
}

function adultWhere({ adults }: Samples, fits: (kecamatan: string) => boolean): string | null {
  return [...adults].find(([kecamatan]) => fits(kecamatan))?.[1] ?? null;
}

function isIn(kecamatan: string, regions: readonly string[]): boolean {
  return regions.some((region) => kecamatan === region || kecamatan.startsWith(`${region}.`));
}
