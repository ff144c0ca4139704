import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { status } from '@grpc/grpc-js';
import { describe, it } from 'mocha';
import { ErrorReason } from '#gen/rangkiang/type/v1/error_reason.ts';
import { errorTexts } from '#mesh/error-texts.ts';
import type { Reason } from '#mesh/errors.ts';

const guide = readFileSync(new URL('../../../docs/opd-guide.md', import.meta.url), 'utf8');
const rows = [...guide.matchAll(/^\| `([A-Z_]+)` \| ([A-Z_]+) \| (.+) \|$/gm)].map(
  ([, reason = '', code = '', advice = '']) => ({ reason: reason as Reason, code, advice }),
);

describe('the OPD guide', () => {
  it('tells what to do about every reason of the contract, in its order, and about no other', () => {
    const reasons = Object.keys(ErrorReason).filter((name) => name !== 'UNSPECIFIED');
    assert.deepEqual(
      rows.map(({ reason }) => reason),
      reasons,
    );
  });

  it('names the gRPC code with which each reason is sent', () => {
    for (const { reason, code } of rows) assert.equal(code, status[errorTexts[reason].code], reason);
  });

  it('says "Ask again" wherever the answer says when', () => {
    for (const { reason, advice } of rows) {
      if (errorTexts[reason].retryAfterMs !== undefined) assert.match(advice, /^Ask again/, reason);
    }
  });
});
