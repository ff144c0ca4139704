import type { AppendRequest, AppendResponse } from '#gen/rangkiang/audit/v1/audit.ts';
import { AuditServiceService } from '#gen/rangkiang/audit/v1/audit_service.ts';
import { eventIdOf, leafHash } from '#mesh/leaf.ts';
import { implement, startServer } from '#mesh/server.ts';
import type { TlsFiles } from '#mesh/tls.ts';
import { startGateProxy } from './gate-proxy.ts';

/** Somebody at the audit service's address who acknowledges every record and keeps none. */
export interface Impostor {
  /** How many connections were made to it. */
  readonly connections: number;
  /** How many messages it was sent. */
  readonly messages: number;
  close(): Promise<void>;
}

/** Starts it at `address` (host:port), with the certificate of whoever it is. */
export async function startImpostor(address: string, tls: TlsFiles): Promise<Impostor> {
  let connections = 0;
  let messages = 0;
  async function* append(requests: AsyncIterable<AppendRequest>): AsyncGenerator<AppendResponse> {
    for await (const { entries } of requests) {
      messages++;
      const acknowledgements = entries.map(({ leaf }) => ({
        eventId: eventIdOf(leaf),
        index: BigInt(messages),
        leafHash: leafHash(leaf),
      }));
      yield { acknowledgements, refusals: [], checkpoint: '' };
    }
  }
  const server = await startServer({
    name: 'impostor',
    listen: '127.0.0.1:0',
    tls,
    allow: { [AuditServiceService.append.path]: ['broker', 'permit', 'resident'] },
    implementations: [implement({ append: AuditServiceService.append }, { append })],
    onFault: () => {},
  });
  const gate = await startGateProxy(Number(server.address.split(':').at(-1)), {
    listen: Number(address.split(':').at(-1)),
    onConnection: () => connections++,
  });
  return {
    get connections() {
      return connections;
    },
    get messages() {
      return messages;
    },
    async close() {
      await gate.close();
      await server.drain(0);
    },
  };
}
