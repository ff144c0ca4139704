import type { AggregateResidentsRequest, AggregateResidentsResponse } from '#gen/rangkiang/resident/v1/resident.ts';
import { MeshError } from '#mesh/errors.ts';
import type { CallContext } from '#mesh/server.ts';
import type { ResidentContext } from '../context.ts';
import { answerCells, MAX_CELLS, tableDimensions } from '../domain/count-table.ts';
import { elementsCountedBy } from '../domain/dimensions.ts';
import { usableElements } from '../domain/elements.ts';
import { isInside } from '../domain/regions.ts';
import { countResidents } from '../store/count-residents.ts';

/** Without a smallest count in the grant nothing is shown: no count reaches this one. */
const NO_COUNT = 2 ** 31 - 1;

/**
 * Counts living residents, children too: a count is nobody's row. The row cap of the grant does not apply, for it counts rows
 * of residents; the table's own limit does.
 */
export function aggregateResidents({ pool, regions, today }: ResidentContext) {
  return async (request: AggregateResidentsRequest, call: CallContext): Promise<AggregateResidentsResponse> => {
    const { grant } = call;
    const needed = elementsCountedBy(request.groupBy);
    const elements = needed.length === 0 ? [] : usableElements(grant, needed);
    const asked = request.regions.length === 0 ? grant.regions : request.regions;
    if (asked.length === 0 || asked.some((region) => !isInside(region, grant.regions))) {
      throw new MeshError('REGION_NOT_GRANTED');
    }
    const minimumCell = grant.minimumCell || NO_COUNT;
    const dimensions = tableDimensions(request.groupBy);
    const lines = await countResidents(pool, dimensions, regions.kelurahanIn(asked), today(), MAX_CELLS + 1);
    const cells = answerCells(request.groupBy, lines, minimumCell);
    if (!cells) throw new MeshError('ROW_CAP_EXCEEDED');
    Object.assign(call.record, { elements, rows: cells.length });
    return { cells, minimumCell };
  };
}
