import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { fieldOf, maskOf, usableElements } from '../../../../../services/resident/domain/elements.ts';

const everything = Object.values(Element).filter((element) => element !== Element.UNSPECIFIED);

describe('resident: elements', () => {
  it('are those of the law but fingerprints, iris, signature and aib, each with the field of its name', () => {
    const csv = readFileSync(new URL('../../../../../data/data_elements.csv', import.meta.url), 'utf8');
    const fields = [...csv.matchAll(/^[a-z]{1,2},(\w+),/gm)].map(([, name = '']) =>
      name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
    );
    assert.deepEqual([...fieldOf.values()], fields.slice(0, 27));
    assert.deepEqual([...fieldOf.keys()], everything.slice(0, 27));
  });

  it('are usable when granted: all of them, or those that are asked', () => {
    const grant = { elements: [Element.AGAMA, Element.NIK], disability: false };
    assert.deepEqual(usableElements(grant, []), [Element.NIK, Element.AGAMA]);
    assert.deepEqual(usableElements(grant, [Element.AGAMA]), [Element.AGAMA]);
    assert.throws(() => usableElements(grant, [Element.AGAMA, Element.SHDK]), { reason: 'ELEMENT_NOT_GRANTED' });
    assert.throws(() => usableElements({ elements: [], disability: true }, []), { reason: 'ELEMENT_NOT_GRANTED' });
  });

  it('are never those that are not held here, whatever a grant says, and disability only by its flag', () => {
    const protectedOnes = [Element.SIDIK_JARI, Element.IRIS_MATA, Element.TANDA_TANGAN, Element.AIB];
    for (const element of protectedOnes) {
      assert.throws(() => usableElements({ elements: everything, disability: true }, [element]));
    }
    assert.throws(() => usableElements({ elements: protectedOnes, disability: true }, []));
    assert.throws(() => usableElements({ elements: [Element.CACAT], disability: false }, []));
    assert.ok(!usableElements({ elements: everything, disability: false }, []).includes(Element.CACAT));
    assert.equal(usableElements({ elements: everything, disability: true }, []).length, 27);
  });

  it('are bits of one number', () => {
    assert.equal(maskOf([]), 0);
    assert.equal(maskOf([Element.NOMOR_KK, Element.SHDK]), 0b100_0000_0010);
  });
});
