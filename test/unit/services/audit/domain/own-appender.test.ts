import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Entry } from '#gen/rangkiang/audit/v1/audit.ts';
import { MeshError } from '#mesh/errors.ts';
import { EntryRefused } from '../../../../../services/audit/domain/check-entry.ts';
import { ownAppender } from '../../../../../services/audit/domain/own-appender.ts';
import { someEntry } from '../../../../support/audit-entries.ts';

const entry = someEntry();
const leafHash = Buffer.alloc(32, 1);

function appenderOver(writeOwn: (entry: Entry) => Promise<never> | Promise<object>, hasRoom = true) {
  return ownAppender({ writeOwn, hasRoom } as unknown as Parameters<typeof ownAppender>[0]);
}

const isUnavailable = (error: unknown) => error instanceof MeshError && error.reason === 'AUDIT_UNAVAILABLE';

describe('ownAppender', () => {
  it('resolves when the writer has committed', async () => {
    const appender = appenderOver(async () => ({ eventId: Buffer.alloc(16), index: 7n, leafHash }));
    assert.equal((await appender.append(entry)).index, 7n);
  });

  it('rejects at once while the log takes nothing', async () => {
    const appender = appenderOver(() => assert.fail('written all the same'), false);
    await assert.rejects(appender.append(entry), isUnavailable);
  });

  it('rejects when the commit takes too long', async () => {
    await assert.rejects(appenderOver(() => new Promise(() => {})).append(entry, 1), isUnavailable);
  });

  it('rejects with the same reason whatever keeps the record out', async () => {
    for (const error of [new EntryRefused('no'), new Error('closed')]) {
      await assert.rejects(appenderOver(() => Promise.reject(error)).append(entry), isUnavailable);
    }
  });
});
