import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { otlpRecord } from '../../../../cli/export/otlp.ts';
import { toldRecords } from './told-records.ts';

const golden = readFileSync(new URL('./golden/otlp.jsonl', import.meta.url), 'utf8');

describe('otlpRecord', () => {
  it('writes each shape of record as the golden file says', () => {
    const lines = toldRecords.map((record) => {
      const { resource, ...rest } = otlpRecord(record);
      return `${JSON.stringify({ ...rest, resource: resource.attributes })}\n`;
    });
    assert.equal(lines.join(''), golden);
  });
});
