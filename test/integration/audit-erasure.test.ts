import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import type { Entry } from '#gen/rangkiang/audit/v1/audit.ts';
import { Context, Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import type { EraseSubjectResponse } from '#gen/rangkiang/audit/v1/subject.ts';
import { SubjectServiceService } from '#gen/rangkiang/audit/v1/subject_service.ts';
import { Scope } from '#gen/rangkiang/mesh/v1/grant.ts';
import type { AppendClient } from '#mesh/append-client.ts';
import type { MeshError } from '#mesh/errors.ts';
import { someEntry } from '../support/audit-entries.ts';
import { type AuditService, disdukcapilCall, startAuditService } from '../support/audit-service.ts';
import { openSealed } from '../support/open-sealed.ts';

const NIK = '1371010101010001';
const OTHER = '1371010101010002';
const LETTER = '470/88/Disdukcapil/2026';
const context = { operator: 'Rahmi Fitri', caseNumber: 'RM-22310' };

describe('erasing a person from the log', function () {
  this.timeout(60_000);
  let audit: AuditService;
  let client: AppendClient;

  before(async () => {
    audit = await startAuditService();
    client = audit.client('broker');
  });

  after(() => audit.stop());

  /** A restarted service is found again within a second. */
  async function append(entry: Entry, by = client): Promise<bigint> {
    for (;;) {
      try {
        return (await by.append(entry)).index;
      } catch (error) {
        if ((error as MeshError).reason !== 'AUDIT_UNAVAILABLE') throw error;
        await setTimeout(20);
      }
    }
  }
  const opened = async (index: bigint) => openSealed(audit.pool, audit.sealKey, index);

  async function erase(number: string, grant = {}): Promise<EraseSubjectResponse> {
    const { metadata } = disdukcapilCall(grant);
    const channel = await audit.broker();
    return channel.unary(SubjectServiceService.eraseSubject, { number, letter: LETTER }, { metadata });
  }

  it('leaves nothing that opens about them, everything about others, and every leaf', async () => {
    const own = await append(someEntry({}, [NIK], context));
    const family = await append(someEntry({}, [NIK, OTHER], context));
    const sought = await append(someEntry({ kind: Kind.EMPTY }, [], { ...context, searchTerms: NIK }));
    const others = await append(someEntry({}, [OTHER], context));
    const before = await audit.entries();
    const hashes = async () => (await audit.pool.query('select leaf_hash from entry order by index')).rows;
    const hashesBefore = await hashes();
    const othersBefore = [...(await opened(family)), ...(await opened(others))];

    assert.equal((await erase(NIK)).erasedKeys, 1);
    assert.deepEqual([await opened(own), await opened(sought)], [[], []]);
    const left = [...(await opened(family)), ...(await opened(others))];
    assert.deepEqual(
      left,
      othersBefore.filter(({ subjects }) => !subjects.some(({ nik }) => nik === NIK)),
    );
    assert.equal(left.length, 3);

    const after = await audit.entries();
    assert.deepEqual(after.slice(0, before.length), before);
    assert.deepEqual((await hashes()).slice(0, before.length), hashesBefore);
  });

  it('is a record of its own, which names keys and no person, with its letter sealed', async () => {
    await append(someEntry({}, [NIK]));
    await erase(NIK);
    const last = (await audit.entries()).at(-1);
    assert.ok(last);
    const { kind, opd, method, erasedKeys, subjectCount } = last.leaf;
    assert.deepEqual(
      { kind, opd, method, keys: erasedKeys.length, subjectCount },
      {
        ...{ kind: Kind.ERASURE, opd: 'DISDUKCAPIL', method: SubjectServiceService.eraseSubject.path },
        ...{ keys: 1, subjectCount: 0 },
      },
    );
    assert.equal(last.leafBytes.includes(NIK), false);
    const [sealed] = await opened(last.index);
    assert.equal(Context.decode(sealed?.context ?? Buffer.alloc(0)).caseNumber, LETTER);
    assert.deepEqual((await audit.pool.query('select 1 from seal_key where key_id = any($1)', [erasedKeys])).rows, []);
  });

  it('concerns what was recorded before, and nothing after, whichever replica records it', async () => {
    const second = audit.client('permit', await audit.another());
    // Now both replicas keep a key of this person in memory.
    const before = [await append(someEntry({}, [NIK])), await append(someEntry({}, [NIK]), second)];
    assert.equal((await erase(NIK)).erasedKeys, 2);
    const after = [someEntry({}, [NIK], context), someEntry({}, [NIK, OTHER])] as const;
    const indexes = [await append(after[0], second), await append(after[1])] as const;
    for (const index of before) assert.deepEqual(await opened(index), []);
    assert.deepEqual(await opened(indexes[0]), [{ ...after[0], leaf: Buffer.alloc(0) }]);
    assert.equal((await opened(indexes[1])).length, 2);
  });

  it('answers the same again, and when there is nothing to erase', async () => {
    await append(someEntry({}, [NIK]));
    assert.notEqual((await erase(NIK)).erasedKeys, 0);
    assert.equal((await erase(NIK)).erasedKeys, 0);
  });

  it('is for those who keep the register alone, and takes no half number', async () => {
    await assert.rejects(erase(NIK, { scope: Scope.OWN }), { reason: 'NO_PERMIT' });
    await assert.rejects(erase('13710101'), { reason: 'REQUEST_INVALID' });
  });

  it('is carried out again at the next start when an older copy of the keys was put back', async () => {
    const index = await append(someEntry({}, [NIK], context));
    await audit.pool.query('create table old_key as table seal_key');
    await audit.pool.query('create table old_access as table access');
    await erase(NIK);
    await audit.first.kill();
    await audit.pool.query('insert into seal_key table old_key on conflict do nothing');
    await audit.pool.query('insert into access table old_access on conflict do nothing');
    assert.equal((await opened(index)).length, 1);
    await audit.first.start();
    assert.deepEqual(await opened(index), []);
    assert.deepEqual((await audit.pool.query('select 1 from access where index = $1', [index])).rows, []);
  });

  it('outlives a change of the master key, which needs no entry touched', async () => {
    const entry = someEntry({}, [OTHER], context);
    const index = await append(entry);
    const newMaster = randomBytes(32);
    await writeFile(audit.sealKeyFile, `${newMaster.toString('base64')}\n${audit.sealKey.toString('base64')}\n`);
    await audit.first.kill();
    await audit.first.start();
    await audit.first.child.said('keys are wrapped by the newest master key; the older ones can go');
    assert.deepEqual(await openSealed(audit.pool, newMaster, index), [{ ...entry, leaf: Buffer.alloc(0) }]);

    await writeFile(audit.sealKeyFile, newMaster.toString('base64'));
    await audit.first.kill();
    await audit.first.start();
    const later = someEntry({}, [OTHER], context);
    assert.deepEqual(await openSealed(audit.pool, newMaster, await append(later)), [
      { ...later, leaf: Buffer.alloc(0) },
    ]);
  });
});
