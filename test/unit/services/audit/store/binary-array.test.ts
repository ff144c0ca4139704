import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { binaryArray, pgTypes } from '../../../../../services/audit/store/binary-array.ts';

// Expected bytes come from PostgreSQL 18: select encode(array_send(array[...]), 'hex').
const samples: [string, Buffer, string][] = [
  [
    'bytea with a null',
    binaryArray(pgTypes.bytea, [Buffer.from([1, 2]), null, Buffer.alloc(0)]),
    '00000001000000010000001100000003000000010000000201 02ffffffff00000000',
  ],
  [
    'text in UTF-8',
    binaryArray(pgTypes.text, ['é', '']),
    '00000001000000000000001900000002 0000000100000002c3a900000000',
  ],
  ['int4', binaryArray(pgTypes.int4, [-2]), '0000000100000000000000170000000100000001 00000004fffffffe'],
  ['int8', binaryArray(pgTypes.int8, [1n << 40n]), '0000000100000000000000140000000100000001 000000080000010000000000'],
  [
    'uuid',
    binaryArray(pgTypes.uuid, [Buffer.alloc(16, 0xab)]),
    `000000010000000000000b860000000100000001 00000010${'ab'.repeat(16)}`,
  ],
];

describe('binaryArray', () => {
  for (const [name, bytes, expected] of samples) {
    it(`writes ${name} as Postgres does`, () => {
      assert.equal(bytes.toString('hex'), expected.replaceAll(' ', ''));
    });
  }
});
