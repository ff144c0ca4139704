import { randomBytes, randomUUID } from 'node:crypto';
import { Metadata } from '@grpc/grpc-js';
import { Grant, Scope } from '#gen/rangkiang/mesh/v1/grant.ts';
import type {
  ImportResidentsRequest,
  ImportResidentsResponse,
  ImportRow,
} from '#gen/rangkiang/resident/v1/registry.ts';
import { RegistryServiceService as registry } from '#gen/rangkiang/resident/v1/registry_service.ts';
import { Element } from '#gen/rangkiang/type/v1/element.ts';
import { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';
import { type Channel, connect, type MethodDefinition } from '#mesh/client.ts';
import { createLogger } from '#mesh/log.ts';
import { OutboxRelay } from '#mesh/outbox.ts';
import type { Appender } from '#mesh/record.ts';
import { startServer } from '#mesh/server.ts';
import type { Pool } from '#mesh/sql.ts';
import { allow } from '../../services/resident/allow.ts';
import { openRegister } from '../../services/resident/open-register.ts';
import { residentServices } from '../../services/resident/service.ts';
import { testCertificates } from './certificates.ts';
import { MemoryLog } from './memory-log.ts';
import { testDatabase } from './postgres.ts';
import { TEST_DAY } from './resident-rows.ts';

/** All elements that a permit can name. */
const allElements: Element[] = Object.values(Element).filter(
  (element) => element !== Element.UNSPECIFIED && element < Element.SIDIK_JARI,
);

/** A grant to read all of Padang, children and disability included; tests narrow it. */
export const wideGrant: Partial<Grant> = {
  opd: 'DKK',
  unit: 'PUSAT',
  system: 'simpus',
  permit: '0b1c2d3e-0000-4000-8000-000000000001',
  purpose: Purpose.PELAYANAN_PUBLIK,
  elements: allElements,
  regions: ['13.71'],
  rowCap: 30,
  minimumCell: 5,
  children: true,
  disability: true,
};

/** What statute grants to Disdukcapil. */
export const registryGrant: Partial<Grant> = {
  opd: 'DISDUKCAPIL',
  unit: 'PUSAT',
  system: 'siak',
  permit: 'STATUTE',
  purpose: Purpose.ADMINISTRASI_KEPENDUDUKAN,
  scope: Scope.ALL,
};

/** An answer with what came beside it. */
interface Answered<Res> {
  readonly answer: Res;
  readonly auditIndex: bigint | undefined;
  /** The trailer by which the broker counts guesses. */
  readonly wrongGuess: boolean;
}

/** The resident service in this process on a fresh database, and the hands of a broker. */
export interface ResidentService {
  readonly pool: Pool;
  readonly log: MemoryLog;
  readonly channel: Channel;
  /** A connection of any caller, by its SPIFFE id; closed with the service. */
  connectAs(spiffeId: string): Promise<Channel>;
  /** Calls as a broker. Rejects with MeshError. */
  call<Req, Res>(
    definition: MethodDefinition<Req, Res>,
    request: Req,
    grant?: Partial<Grant>,
    timeoutMs?: number,
  ): Promise<Answered<Res>>;
  /** Sends chunks on one stream and ends it; resolves with the answers, rejects with the stream's ServiceError. */
  sendChunks(chunks: Iterable<ImportResidentsRequest>, grant?: Partial<Grant>): Promise<ImportResidentsResponse[]>;
  /** Imports rows in one chunk of a new import. */
  enter(rows: readonly ImportRow[]): Promise<ImportResidentsResponse>;
  stop(): Promise<void>;
}

/**
 * Starts the service. `today` is yyyymmdd; `audit` takes the records of answers, by default `log`; `reach` gives another way to
 * the database, as a URL.
 */
export async function startResidentService(
  today: () => number = () => TEST_DAY,
  audit?: Appender,
  reach: (databaseUrl: string) => Promise<string> = async (url) => url,
): Promise<ResidentService> {
  const certificates = await testCertificates();
  const log = new MemoryLog();
  const register = await openRegister(await reach((await testDatabase()).url), today);
  const relay = new OutboxRelay(register.pool, log, createLogger('resident', 'fatal'));
  const server = await startServer({
    name: 'resident',
    listen: '127.0.0.1:0',
    tls: await certificates.issue('spiffe://padang.go.id/mesh/resident'),
    allow,
    implementations: residentServices(register.context(relay)),
    audit: audit ?? log,
    onFault: (error, path) => console.error(path, error),
  });
  const tls = await certificates.issue('spiffe://padang.go.id/mesh/broker');
  const channel = connect({ address: server.address, peer: 'resident', tls });
  const others: Channel[] = [];

  const service: ResidentService = {
    pool: register.pool,
    log,
    channel,
    async connectAs(spiffeId) {
      const other = connect({ address: server.address, peer: 'resident', tls: await certificates.issue(spiffeId) });
      others.push(other);
      return other;
    },
    async call(definition, request, grant = wideGrant, timeoutMs = 30_000) {
      let trailers = new Metadata();
      const onTrailers = (received: Metadata) => {
        trailers = received;
      };
      const options = { metadata: granted(grant), onTrailers, timeoutMs };
      const answer = await channel.unary(definition, request, options);
      const [index] = trailers.get('rangkiang-audit-index');
      const wrongGuess = trailers.get('rangkiang-wrong-guess').length > 0;
      return { answer, auditIndex: index === undefined ? undefined : BigInt(index.toString()), wrongGuess };
    },
    async sendChunks(chunks, grant = registryGrant) {
      const stream = channel.duplex(registry.importResidents, { metadata: granted(grant), timeoutMs: 30_000 });
      for (const chunk of chunks) stream.write(chunk);
      stream.end();
      const answers: ImportResidentsResponse[] = [];
      for await (const answer of stream) answers.push(answer as ImportResidentsResponse);
      return answers;
    },
    async enter(rows) {
      const numbered = rows.map((row, i) => ({ ...row, line: BigInt(i + 1) }));
      const [answer] = await service.sendChunks([{ importId: randomUUID(), chunkNumber: 0n, rows: numbered }]);
      if (!answer) throw new Error('the chunk was not answered');
      return answer;
    },
    async stop() {
      for (const each of [channel, ...others]) each.close();
      await server.drain(1_000);
      await relay.close();
      await register.close();
    },
  };
  return service;
}

/** The header by which a broker hands on a grant; with a call id of its own unless the grant has one. */
export function granted(grant: Partial<Grant>): Metadata {
  const metadata = new Metadata();
  const bytes = Grant.encode(Grant.create({ callId: randomBytes(16), ...grant })).finish();
  metadata.set('rangkiang-grant-bin', Buffer.from(bytes));
  return metadata;
}
