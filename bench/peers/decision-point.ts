import { decisionService } from '../../broker/decision-service.ts';
import { buildDoor } from '../../broker/door.ts';
import { forwardToSelf } from '../../broker/local.ts';
import { OpenStreams } from '../../broker/open-streams.ts';
import { sampledDecide } from '../../broker/policy/sampled-decide.ts';
import { FloodGate } from '../../broker/quota/flood-gate.ts';
import { BrokerRecords } from '../../broker/records.ts';
import { bind } from '../../mesh/server.ts';
import type { TlsFiles } from '../../mesh/tls.ts';
import { makeRules, type Size } from '../rules.ts';

// The broker's door in a process of its own, as a decision point and nothing else: mTLS, headers, decision on the call itself,
// rules of the request, decisions on its questions. As Cerbos keeps no durable record of what it answers, this does not
// either: records are acknowledged at once. The lease is always live, and a system may ask as often as it likes.

/** What the parent sends first. */
export interface DecisionPointOrder {
  readonly size: Size;
  readonly tls: TlsFiles;
}

async function start({ size, tls }: DecisionPointOrder): Promise<string> {
  const snapshot = await makeRules(size).newSnapshot();
  const policy = {
    current: () => {
      const nowMs = Date.now();
      return { snapshot, time: { live: true, earliestMs: nowMs, latestMs: nowMs } };
    },
  };
  const audit = { append: async () => ({ index: 0n, leafHash: Buffer.alloc(32) }) };
  const onFault = (error: unknown) => console.error(error);
  const unused = () => {
    throw new Error('CheckAccess is neither counted nor forwarded');
  };
  const replaying = { readLeaf: unused, history: { at: unused } };
  const answerHere = forwardToSelf(decisionService(policy, unused, replaying), { name: 'broker', audit, onFault });
  const door = buildDoor(
    {
      policy,
      decide: sampledDecide(1_000, () => onFault(new Error('the oracle differs'))),
      operators: { verify: unused },
      flood: new FloodGate(() => performance.now()),
      limits: { spend: unused, spendByStatute: () => {} },
      quota: { debit: unused },
      records: new BrokerRecords(audit, unused),
      streams: new OpenStreams(),
      traceRatio: 0.01,
      onFault,
    },
    { unary: (_route, body, onward) => answerHere(body, onward), stream: unused },
  );
  return bind(door, '127.0.0.1:0', tls);
}

process.once('message', (order: DecisionPointOrder) => {
  start(order).then(
    (address) => process.send?.(address),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit(0));
