import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Dimension } from '#gen/rangkiang/resident/v1/resident.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { countedBy, elementsCountedBy } from '../../../../../services/resident/domain/dimensions.ts';

describe('resident: dimensions', () => {
  it('are all those of the contract, each but the regions with its element', () => {
    const dimensions = Object.values(Dimension).filter((dimension) => dimension !== Dimension.UNSPECIFIED);
    assert.deepEqual([...countedBy.keys()], dimensions);
    for (const dimension of dimensions) {
      const isRegion = dimension === Dimension.KECAMATAN || dimension === Dimension.KELURAHAN;
      assert.equal(elementsCountedBy([dimension]).length, isRegion ? 0 : 1);
    }
  });

  it('need the elements that they count by, in order of number', () => {
    const asked = [Dimension.PEKERJAAN, Dimension.KECAMATAN, Dimension.KELOMPOK_UMUR];
    assert.deepEqual(elementsCountedBy(asked), [Element.TANGGAL_LAHIR, Element.PEKERJAAN]);
  });
});
