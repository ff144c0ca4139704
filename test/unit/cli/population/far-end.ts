import assert from 'node:assert/strict';
import {
  Client,
  credentials,
  type status as GrpcStatus,
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
} from '@grpc/grpc-js';
import type { ImportStream } from '../../../../cli/population/import.ts';
import type {
  ImportResidentsRequest,
  ImportResidentsResponse,
} from '../../../../proto/gen/rangkiang/resident/v1/registry.ts';
import { RegistryServiceService } from '../../../../proto/gen/rangkiang/resident/v1/registry_service.ts';

type Call = ServerDuplexStream<ImportResidentsRequest, ImportResidentsResponse>;
/** A status that ends the call, before the chunk is recorded or, its answer lost, after. */
type Fault = { code: GrpcStatus; recorded: boolean };

/** The id of the test's import. */
export const IMPORT_ID = '7d1d2f5e-6f3a-8c4b-9a55-0d3a6a0c1b2e';
const METHOD = RegistryServiceService.importResidents;

/** The far end as the contract describes it, over real gRPC: remembers chunks, answers repeated ones again. */
export class FarEnd {
  readonly lines: bigint[] = [];
  readonly chunkSizes: number[] = [];
  requests = 0;
  streams = 0;
  /** Lines that are refused. */
  faultyLines = new Set<bigint>();
  /** Asked for each chunk that arrives. */
  fault: () => Fault | undefined = () => undefined;
  readonly #answers: ImportResidentsResponse[] = [];
  readonly #ended: Promise<void>[] = [];
  readonly #server = new Server();
  #client: Client | undefined;

  async open(): Promise<() => ImportStream> {
    this.#server.addService(RegistryServiceService, {
      importResidents: (call: Call) => this.#serve(call),
      getRegistryStatistics: () => {},
    });
    const port = await new Promise<number>((resolve, reject) =>
      this.#server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    this.#client = client;
    return () =>
      client.makeBidiStreamRequest(METHOD.path, METHOD.requestSerialize, METHOD.responseDeserialize, new Metadata());
  }

  /** Waits until nothing more can arrive from the calls so far. */
  async callsEnded(): Promise<void> {
    await Promise.all(this.#ended);
  }

  close(): void {
    this.#client?.close();
    this.#server.forceShutdown();
  }

  #serve(call: Call): void {
    this.streams += 1;
    let failed = false;
    call.on('data', (request: ImportResidentsRequest) => {
      if (failed) return;
      this.requests += 1;
      const fault = this.fault();
      if (!fault || fault.recorded) this.#record(request);
      if (fault) {
        failed = true;
        call.emit('error', { code: fault.code, details: 'as the test wants it' });
      } else {
        const answer = this.#answers[Number(request.chunkNumber)] as ImportResidentsResponse;
        call.write({ ...answer, nextChunkNumber: BigInt(this.#answers.length) });
      }
    });
    call.on('end', () => call.end());
    this.#ended.push(new Promise((resolve) => call.on('end', resolve).on('cancelled', resolve)));
  }

  #record({ importId, chunkNumber, rows }: ImportResidentsRequest): void {
    assert.equal(importId, IMPORT_ID);
    assert.ok(chunkNumber <= this.#answers.length, 'no gap');
    if (chunkNumber < this.#answers.length) return;
    const faulty = rows.filter(({ line }) => this.faultyLines.has(line));
    this.lines.push(...rows.map(({ line }) => line));
    this.chunkSizes.push(rows.length);
    this.#answers.push({
      chunkNumber,
      accepted: rows.length - faulty.length,
      errors: faulty.map(({ line }) => ({ line, field: 'resident.nik', message: 'salah' })),
      auditIndex: 0n,
      nextChunkNumber: 0n,
    });
  }
}
