import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Kind, Leaf } from '#gen/rangkiang/audit/v1/leaf.ts';
import { alertEntry } from '../../../../../services/audit/domain/alert-entry.ts';
import { checkEntry } from '../../../../../services/audit/domain/check-entry.ts';
import { someLeaf } from '../../../../support/audit-entries.ts';

const finding = { rule: 'NIGHT_WORK', count: 10, causedBy: [7n, 9n] };

describe('alertEntry', () => {
  it('is the same record whoever finds it, and another one for another rule or record', () => {
    const leaf = someLeaf();
    const entry = alertEntry(finding, leaf);
    assert.deepEqual(alertEntry({ ...finding }, Leaf.decode(Leaf.encode(leaf).finish())), entry);
    const idOf = (other: typeof entry) => checkEntry(other).eventId.toString('hex');
    assert.notEqual(idOf(alertEntry({ ...finding, rule: 'FLOOD' }, leaf)), idOf(entry));
    assert.notEqual(idOf(alertEntry(finding, someLeaf())), idOf(entry));
  });

  it('tells of whom the record tells that caused it, and seals nothing', () => {
    const leaf = someLeaf({ system: 'simpus', operatorPseudonym: 'a'.repeat(32), permit: 'STATUTE', subjectCount: 3 });
    const entry = alertEntry(finding, leaf);
    const alert = Leaf.decode(entry.leaf);
    assert.deepEqual([entry.subjects.length, entry.context.length, alert.subjectCount], [0, 0, 0]);
    assert.deepEqual(
      [alert.kind, alert.reason, alert.count, alert.opd, alert.system, alert.operatorPseudonym, alert.timeUs],
      [Kind.ALERT, 'NIGHT_WORK', 10, leaf.opd, 'simpus', leaf.operatorPseudonym, leaf.timeUs],
    );
    assert.deepEqual([alert.refersTo, alert.note?.causedBy], [leaf.eventId, [7n, 9n]]);
  });
});
