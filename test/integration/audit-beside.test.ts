import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, describe, it } from 'mocha';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { ProofServiceService } from '#gen/rangkiang/audit/v1/proof_service.ts';
import { SubjectServiceService } from '#gen/rangkiang/audit/v1/subject_service.ts';
import { Scope } from '#gen/rangkiang/mesh/v1/grant.ts';
import { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';
import type { Channel } from '#mesh/client.ts';
import { type Beside, verifyBeside } from '../../cli/audit/verify-beside.ts';
import { LogFault, type LogFaultCode } from '../../cli/audit/verify-log.ts';
import { someEntry } from '../support/audit-entries.ts';
import { type AuditService, disdukcapilCall, securityCall, startAuditService } from '../support/audit-service.ts';

const SITI = '1371014107900001';
const BUDI = '1371011505850002';
const ANI = '1371012201930003';
const OLD_US = BigInt(Date.UTC(2010, 0, 1)) * 1_000n;

describe('what is stored beside the records', function () {
  this.timeout(120_000);
  let audit: AuditService;
  let broker: Channel;

  before(async () => {
    audit = await startAuditService();
    broker = await audit.broker();
    const client = audit.client('resident');
    const purpose = Purpose.PELAYANAN_PUBLIK;
    const context = { caseNumber: 'RM-1' };
    // 0 to 5 concern nobody, one, several, and one that is sought and not found; 6 is as old as no sealed part may get.
    for (const [leaf, subjects] of [
      [{ kind: Kind.DENIED, reason: 'NO_PERMIT' }, []],
      [{}, [SITI]],
      [{}, [SITI, BUDI]],
      [{}, [BUDI, ANI, BUDI]],
      [{ kind: Kind.EMPTY }, []],
      [{}, [ANI]],
      [{ timeUs: OLD_US }, [ANI]],
    ] as const) {
      const sought = leaf !== undefined && 'kind' in leaf && leaf.kind === Kind.EMPTY ? { searchTerms: ANI } : {};
      await client.append(someEntry({ ...leaf, purpose }, [...subjects], { ...context, ...sought }), 30_000);
    }
    await untilSigned(7n);
    await audit.pool.query(
      'create table entry_kept as table entry; create table access_kept as table access; create table seal_key_kept as table seal_key',
    );
  });

  after(() => audit.stop());

  async function untilSigned(size: bigint): Promise<void> {
    while ((await audit.witness.witness.head.size) < size) await sleep(20);
  }

  const ask = async (fromIndex: bigint, belowIndex: bigint, changes = {}) => {
    const { metadata } = securityCall(changes);
    return broker.unary(ProofServiceService.checkStored, { fromIndex, belowIndex }, { metadata });
  };
  const verify = (below = 7n): Promise<Beside> => verifyBeside((from) => ask(from, below), 0n, below);

  it('is what they say, and that is told in numbers', async () => {
    assert.deepEqual(await verify(), { records: 7n, opened: 11n, gone: 0n });
    assert.equal((await ask(5n, 7n)).records, 2n);
  });

  it('is shown to nobody who may not see the whole log', async () => {
    await assert.rejects(ask(0n, 7n, { scope: Scope.OWN }), { reason: 'NO_PERMIT' });
  });

  it('cannot be claimed of more than the log holds', async () => {
    await assert.rejects(verify(1n << 40n), (error: unknown) => {
      assert.ok(error instanceof LogFault);
      return error.code === 'ENTRY';
    });
  });

  describe('after somebody with all rights on the database', () => {
    afterEach(async () => {
      await audit.pool.query(
        `delete from access; insert into access select * from access_kept;
         delete from seal_key; insert into seal_key select * from seal_key_kept;
         update entry set (event_id, time_us, kind, opd, method, reason, leaf, commitments) =
           (kept.event_id, kept.time_us, kept.kind, kept.opd, kept.method, kept.reason, kept.leaf, kept.commitments)
         from entry_kept kept where kept.index = entry.index`,
      );
      await verify();
    });

    const flip = (column: string, at = 30) =>
      `set ${column} = set_byte(${column}, ${at}, get_byte(${column}, ${at}) # 1)`;
    const newest = 'where index = 1';
    const TAMPERED: readonly (readonly [string, string, LogFaultCode, bigint, string?])[] = [
      ['the event id', `update entry set event_id = gen_random_uuid() ${newest}`, 'COLUMN', 1n, 'event_id'],
      ['the time', `update entry set time_us = time_us + 1 ${newest}`, 'COLUMN', 1n, 'time_us'],
      ['the kind', `update entry set kind = 2 ${newest}`, 'COLUMN', 1n, 'kind'],
      ['the OPD', "update entry set opd = 'BAPENDA' where index in (2, 5)", 'COLUMN', 2n, 'opd'],
      ['the method', `update entry set method = '' ${newest}`, 'COLUMN', 1n, 'method'],
      ['the reason', "update entry set reason = 'FROZEN' where index = 0", 'COLUMN', 0n, 'reason'],
      ['commitments', `update entry ${flip('commitments')} where index = 3`, 'COLUMN', 3n, 'commitments'],
      ['removed commitments', 'update entry set commitments = null where index = 3', 'COLUMN', 3n, 'commitments'],
      ['the leaf', `update entry set leaf = '\\xff' ${newest}`, 'COLUMN', 1n, 'leaf'],
      ['a purpose', `update access set purpose = 5 ${newest}`, 'COLUMN', 1n, 'access.purpose'],
      ['a sealed part', `update access ${flip('sealed')} where index = 5`, 'SEALED', 5n],
      ['its owner, so that she is not told', `update access ${flip('owner_tag', 3)} ${newest}`, 'SEALED', 1n],
      [
        'the places of two sealed parts of one resident',
        `update access set sealed = other.sealed, key_id = other.key_id from access other
         where access.owner_tag = other.owner_tag and access.index + other.index = 11 and access.index in (5, 6)`,
        'SEALED',
        5n,
      ],
      [
        'a key',
        `update seal_key ${flip('wrapped')} where key_id = (select key_id from access ${newest})`,
        'SEALED',
        1n,
      ],
      [
        'the owner of a key',
        `update seal_key ${flip('owner_tag', 3)} where key_id = (select key_id from access ${newest})`,
        'SEALED',
        1n,
      ],
      [
        'destroyed a key alone',
        `delete from seal_key where key_id = (select key_id from access ${newest})`,
        'SEALED',
        1n,
      ],
      ['destroyed a sealed part', 'delete from access where index = 5', 'SEALED_MISSING', 5n],
      [
        'one of several',
        'delete from access where ctid = (select min(ctid) from access where index = 2)',
        'SEALED_MISSING',
        2n,
      ],
      ['what was sought', 'delete from access where index = 4', 'SEALED_MISSING', 4n],
      [
        'destroyed keys as an erasure does, without its record',
        `select destroy_keys(array(select key_id from access ${newest}))`,
        'SEALED_MISSING',
        1n,
      ],
    ];
    for (const [what, sql, code, index, column = ''] of TAMPERED) {
      it(`changed ${what}, the first bad record is named`, async () => {
        await audit.pool.query(sql);
        await assert.rejects(verify(), { code, index, column });
      });
    }

    for (const [what, sql] of [
      ['the checkpoint that is kept', "update published set checkpoint = replace(checkpoint, E'\\n', E'\\n1')"],
      ['its signature', "update published set checkpoint = regexp_replace(checkpoint, 'audit \\S{4}', 'audit AAAA')"],
    ] as const) {
      it(`changed ${what}, that is told`, async () => {
        const { rows } = await audit.pool.query('select checkpoint from published');
        await audit.pool.query(sql);
        await assert.rejects(verify(), { code: 'CHECKPOINT' });
        await audit.pool.query('update published set checkpoint = $1', [rows[0].checkpoint]);
      });
    }
  });

  describe('with the order of somebody who may', () => {
    it('may be gone where time is over, and where somebody was erased', async () => {
      await audit.pool.query('delete from access where index = 6');
      assert.deepEqual(await verify(), { records: 7n, opened: 10n, gone: 1n });
      const { metadata } = disdukcapilCall();
      const request = { number: SITI, letter: '470/1' };
      await broker.unary(SubjectServiceService.eraseSubject, request, { metadata });
      const size = BigInt((await audit.entries()).length);
      await untilSigned(size);
      const { gone } = await verify(size);
      assert.equal(gone, 3n);
      await audit.pool.query(`update access set sealed = '\\x00' where index = 3`);
      await assert.rejects(verify(size), { code: 'SEALED', index: 3n });
    });
  });
});
