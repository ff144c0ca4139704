import { randomUUID } from 'node:crypto';
import type { RenewResponse } from '#gen/rangkiang/permit/v1/policy.ts';
import { PolicyServiceService as policy } from '#gen/rangkiang/permit/v1/policy_service.ts';
import { nextDigest } from '#mesh/policy-chain.ts';
import type { PermitService } from './permit-service.ts';

/** A broker as the permit service sees it: it installs what it is told and renews its lease, when the test says so. */
export class TestBroker {
  readonly session = randomUUID();
  installed: { incarnation: string; version: bigint; digest: Buffer } = {
    incarnation: '',
    version: 0n,
    digest: Buffer.alloc(32),
  };
  readonly #service: PermitService;

  constructor(service: PermitService) {
    this.#service = service;
  }

  /** Asks for a lease on what is installed. */
  async renew(): Promise<RenewResponse> {
    const { answer } = await this.#service.call(policy.renew, { brokerSession: this.session, ...this.installed });
    return answer;
  }

  /** Installs the changes of an answer. */
  install({ incarnation, changes }: RenewResponse): void {
    const { version, digest } = this.installed;
    this.installed = {
      incarnation,
      version: version + BigInt(changes.length),
      digest: changes.reduce<Buffer>((before, change) => nextDigest(before, change), digest),
    };
  }

  /** Installs and renews until it has a lease. */
  async catchUp(): Promise<this> {
    for (let told = await this.renew(); !told.renewed; told = await this.renew()) this.install(told);
    return this;
  }
}
