import assert from 'node:assert/strict';
import { hash, randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import { Kind } from '#gen/rangkiang/audit/v1/leaf.ts';
import { PolicyChange } from '#gen/rangkiang/permit/v1/policy.ts';
import { ResidentServiceService } from '#gen/rangkiang/resident/v1/resident_service.ts';
import { AppendClient } from '#mesh/append-client.ts';
import { createLogger } from '#mesh/log.ts';
import { connectAs } from '../../cli/client/caller.ts';
import { CallRefused } from '../../cli/client/refusal.ts';
import { exampleDraft } from '../../cli/permits/example-draft.ts';
import { signAsWalikota } from '../../cli/permits/sign.ts';
import { changeBytes } from '../../services/permit/domain/change-bytes.ts';
import { someEntry } from '../support/audit-entries.ts';
import { startMesh, type TestMesh } from '../support/mesh.ts';
import { rewritePolicyLog } from '../support/policy-log.ts';

const GET_RESIDENT = '/rangkiang.resident.v1.ResidentService/GetResident';
const CALLER = 'PKM-LUBUK-BUAYA';

describe('a revocation', function () {
  this.timeout(120_000);
  let mesh: TestMesh;
  let nik: string;
  let permit: string;

  before(async () => {
    mesh = await startMesh();
    const demo = mesh.demo[CALLER];
    assert.ok(demo?.nikInside && demo.permit);
    nik = demo.nikInside;
    permit = demo.permit;
  });

  after(() => mesh.stop());

  function ask(broker: number, timeoutMs = 30_000) {
    return mesh.call(CALLER, 'GetResident', { nik }, { purpose: 'PELAYANAN_PUBLIK', broker, timeoutMs });
  }

  function revoke() {
    const request = { requestId: randomUUID(), permitId: permit, reason: 'REVOCATION_REASON_INSIDEN_KEAMANAN' };
    return mesh.call('WALIKOTA', 'RevokePermit', request, { purpose: 'PERIZINAN', broker: 1 });
  }

  it('counts at once everywhere, whatever a broker that was stopped before still has in its hands', async () => {
    const warm = await connectAs(CALLER, { layout: mesh.layout, endpoints: mesh.endpoints(), broker: 2, locale: 'id' });
    const askWarm = () => {
      const settings = { purpose: 'PELAYANAN_PUBLIK', timeoutMs: 30_000 };
      return warm.call(ResidentServiceService.getResident, { nik, elements: [] }, settings);
    };
    await Promise.all([ask(1), askWarm()]);
    const stopped = mesh.endpoints().brokers[1]?.pid ?? 0;
    process.kill(stopped, 'SIGSTOP');
    // On a connection that stands and on new ones: what was sent lies in the stopped broker's sockets.
    const sent = Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? askWarm() : ask(2)));
    const waiting = sent.map((answer) => answer.then(() => 'DATA', reasonOf));
    let revoked: Awaited<ReturnType<typeof revoke>>;
    const startedMs = performance.now();
    try {
      revoked = await revoke();
    } finally {
      process.kill(stopped, 'SIGCONT');
    }
    const tookMs = Math.round(performance.now() - startedMs);
    console.log(`      one broker stopped: revocation answered after ${tookMs} ms`);
    assert.equal(revoked.message.brokersConfirmed, 1);
    assert.equal(revoked.message.brokersLapsed, 1);
    // The promise is 3.1 s of waiting; the rest is what this machine takes for a call.
    assert.ok(tookMs >= 3_000, 'nobody waited for the stopped broker');
    for (const outcome of await Promise.all(waiting)) assert.notEqual(outcome, 'DATA');
    warm.close();
    assert.equal(await ask(1).then(() => 'DATA', reasonOf), 'PERMIT_REVOKED');
    assert.equal(await settled(() => ask(2)), 'PERMIT_REVOKED');
  });

  it('asked for again waits for the same and changes nothing', async () => {
    const again = await revoke();
    assert.equal(again.message.brokersLapsed ?? 0, 0);
    assert.equal((again.message.permit as { state: string }).state, 'PERMIT_STATE_REVOKED');
  });

  it('counts by its record though somebody took it out of the policy, and a permit that nobody recorded does not', async () => {
    const restartBrokers = async (whileTheyAreDown: () => Promise<unknown>) => {
      for (const name of ['broker-1', 'broker-2']) await mesh.order('stop', name);
      await whileTheyAreDown();
      for (const name of ['broker-1', 'broker-2']) await mesh.order('start', name);
    };
    const explain = async (question: Record<string, string>) => {
      const request = { question: { purpose: 'PELAYANAN_PUBLIK', method: GET_RESIDENT, ...question } };
      const settings = { purpose: 'PERIZINAN', broker: 1 };
      const { message } = await mesh.call('BAPENDA', 'Explain', request, settings);
      return message as { reason?: string; text: string };
    };
    const forged = exampleDraft(new Date());
    const jws = await signAsWalikota(mesh.layout, forged);
    const issue = changeBytes({ $case: 'permitIssued', value: { jws, aktivasiJws: '' } });
    const { postgres } = mesh.endpoints();
    await restartBrokers(async () => {
      await rewritePolicyLog(postgres, (changes) =>
        changes.map((change) => (PolicyChange.decode(change).change?.$case === 'permitRevoked' ? issue : change)),
      );
      // With their memory they would refuse the whole policy (HISTORY_CHANGED).
      await rm(mesh.layout.memory('broker-1'), { recursive: true });
      await rm(mesh.layout.memory('broker-2'), { recursive: true });
    });

    assert.equal(await settled(() => ask(1)), 'PERMIT_REVOKED');
    assert.equal(await settled(() => ask(2)), 'PERMIT_REVOKED');
    const { reason, text } = await explain({ permit: forged.permitId });
    assert.equal(reason, 'PERMIT_IN_DOUBT');
    assert.match(text, /2 perubahan kebijakan tidak cocok dengan catatan audit/);
    const log = mesh.layout.log('broker-1');
    for (const alarm of ['WIDENING_UNRECORDED', 'NARROWING_MISSING']) {
      while (!(await readFile(log, 'utf8')).includes(`"alarm":"${alarm}"`)) await delay(100);
    }

    // Its record comes late: the permit counts from then on, and no broker was started anew.
    const [address, certificate] = [mesh.endpoints().processes.audit?.address ?? '', mesh.layout.mesh('permit')];
    const tls = { ca: mesh.layout.ca, cert: `${certificate}.crt`, key: `${certificate}.key` };
    const audit = new AppendClient({ address, tls, writer: 'permit', log: createLogger('permit', 'fatal') });
    await audit.append(someEntry({ kind: Kind.POLICY, policyChangeDigest: hash('sha256', issue, 'buffer') }), 10_000);
    await audit.close();
    while ((await explain({ permit: forged.permitId })).reason === 'PERMIT_IN_DOUBT') await delay(50);
    assert.equal(await settled(() => ask(1)), 'PERMIT_REVOKED');
  });
});

/** The outcome once the broker has its lease again and no longer holds our many refused calls against us. */
async function settled(ask: () => Promise<unknown>): Promise<string> {
  try {
    await ask();
    return 'DATA';
  } catch (error) {
    const reason = reasonOf(error);
    if (reason !== 'POLICY_STALE' && reason !== 'RATE_LIMITED') return reason;
    await delay((error as CallRefused).refusal.retryAfterMs);
    return settled(ask);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof CallRefused)) throw error;
  return error.refusal.reason;
}
