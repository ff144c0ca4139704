import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Kind, Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { type AlertLog, listAlerts } from '../../../../../services/audit/domain/list-alerts.ts';
import type { RecordRow } from '../../../../../services/audit/domain/record-page.ts';
import { ModelLog } from '../../../../support/model-log.ts';

/** A log with so many alerts; of these indexes they are acknowledged, the second one twice. */
function logOf(alerts: number, acknowledged: readonly number[]): AlertLog {
  const model = new ModelLog();
  for (let count = 0; count < alerts; count++) model.add({ kind: Kind.ALERT, reason: 'FLOOD' });
  const idOf = (index: number) => Leaf.decode(model.rows[index]?.leaf ?? Buffer.alloc(0)).eventId;
  for (const index of acknowledged) model.add({ kind: Kind.ALERT_ACKNOWLEDGED, refersTo: idOf(index) });
  const rows = (kind: Kind) => model.rows.filter(({ leaf }) => Leaf.decode(leaf).kind === kind);
  return {
    below: async (index, limit): Promise<RecordRow[]> =>
      rows(Kind.ALERT)
        .filter((row) => row.index < index)
        .reverse()
        .slice(0, limit),
    acknowledgementsAbove: async (index) => rows(Kind.ALERT_ACKNOWLEDGED).filter((row) => row.index > index),
  };
}

describe('listAlerts', () => {
  it('shows those that are open, or all with their first acknowledgement', async () => {
    const log = logOf(4, [1, 3, 1]);
    const open = await listAlerts(log, { includeAcknowledged: false, belowIndex: 0n });
    assert.deepEqual(
      open.alerts.map(({ record, acknowledgement }) => [record?.index, acknowledgement]),
      [
        [2n, undefined],
        [0n, undefined],
      ],
    );
    const all = await listAlerts(log, { includeAcknowledged: true, belowIndex: 0n });
    assert.deepEqual(
      all.alerts.map(({ record, acknowledgement }) => [record?.index, acknowledgement?.index]),
      [
        [3n, 5n],
        [2n, undefined],
        [1n, 4n],
        [0n, undefined],
      ],
    );
  });

  it('goes on where a page ended, also after one in which nothing is open', async () => {
    const log = logOf(
      150,
      Array.from({ length: 120 }, (_, at) => 30 + at),
    );
    const first = await listAlerts(log, { includeAcknowledged: false, belowIndex: 0n });
    assert.deepEqual([first.alerts.length, first.nextBelowIndex], [0, 50n]);
    const second = await listAlerts(log, { includeAcknowledged: false, belowIndex: first.nextBelowIndex });
    assert.deepEqual([second.alerts.length, second.nextBelowIndex], [30, 0n]);
  });

  it('answers nothing where there is nothing, wherever it is asked to begin', async () => {
    for (const belowIndex of [0n, 1n, (1n << 64n) - 1n]) {
      const page = await listAlerts(logOf(0, []), { includeAcknowledged: true, belowIndex });
      assert.deepEqual(page, { alerts: [], nextBelowIndex: 0n });
    }
  });
});
