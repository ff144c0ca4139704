import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { ocsfEvent, ocsfLine } from '../../../../cli/export/ocsf.ts';
import { tellingOf } from '../../../../cli/export/outcome-table.ts';
import { told, toldRecords } from './told-records.ts';

const golden = readFileSync(new URL('./golden/ocsf.jsonl', import.meta.url), 'utf8');

describe('ocsfEvent', () => {
  it('writes each shape of record as the golden file says', () => {
    assert.equal(toldRecords.map(ocsfLine).join(''), golden);
  });

  it('has what the class API Activity requires, for every kind', () => {
    for (const kind of [...Object.values(Kind), 250 as Kind]) {
      const event = ocsfEvent(told(1, { kind, method: '', system: '', opd: '', operatorPseudonym: '' }));
      assert.equal(event.class_uid, 6003);
      assert.equal(event.type_uid, 600_300 + event.activity_id);
      assert.ok(event.activity_name && event.status && event.severity, String(kind));
      assert.ok(event.actor.user.uid && event.api.operation && event.src_endpoint.name, String(kind));
      assert.equal(event.metadata.version, '1.3.0');
    }
  });

  it('knows how to tell every kind of the contract', () => {
    const kinds = Object.entries(Kind).filter(([, kind]) => kind > 0);
    for (const [name, kind] of kinds) assert.notEqual(tellingOf(kind), tellingOf(250), name);
    const { activity_name, severity } = ocsfEvent(told(1, { kind: Kind.EMERGENCY_ACTIVATED }));
    assert.deepEqual([activity_name, severity], ['Create', 'High']);
  });

  it('is one line, whatever stands in a remark', () => {
    const note = { signs: [], causedBy: [], remark: 'a "b"\u2028c\u0085' };
    assert.equal(ocsfLine(told(1, { note })).split('\n').length, 2);
  });
});
