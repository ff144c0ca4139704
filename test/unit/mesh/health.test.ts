import assert from 'node:assert/strict';
import { type Client, credentials, makeGenericClientConstructor } from '@grpc/grpc-js';
import { service } from 'grpc-health-check';
import { afterEach, describe, it } from 'mocha';
import { type Health, startHealth } from '#mesh/health.ts';

type Answer = { status: string };
type HealthClient = Client & {
  check(request: object, done: (error: Error | null, answer: Answer) => void): void;
  watch(request: object): AsyncIterable<Answer>;
};
const HealthClient = makeGenericClientConstructor(service, 'Health');

describe('the health endpoint', () => {
  let health: Health | undefined;
  let client: HealthClient | undefined;
  const open = async () => {
    health = await startHealth('127.0.0.1:0');
    client = new HealthClient(health.address, credentials.createInsecure()) as unknown as HealthClient;
    return { health, client };
  };
  const check = (of: HealthClient) =>
    new Promise<string>((resolve, reject) =>
      of.check({ service: '' }, (error, answer) => (error ? reject(error) : resolve(answer.status))),
    );

  afterEach(async () => {
    client?.close();
    await health?.close();
  });

  it('says no until it is told to say yes', async () => {
    const opened = await open();
    assert.equal(await check(opened.client), 'NOT_SERVING');
    opened.health.set(true);
    assert.equal(await check(opened.client), 'SERVING');
    opened.health.set(false);
    assert.equal(await check(opened.client), 'NOT_SERVING');
  });

  it('tells watchers of a change, and closes although they watch', async () => {
    const opened = await open();
    const seen: string[] = [];
    const watched = (async () => {
      for await (const { status } of opened.client.watch({ service: '' })) {
        seen.push(status);
        if (status === 'NOT_SERVING') opened.health.set(true);
        else await opened.health.close();
      }
    })();
    await assert.rejects(watched);
    assert.deepEqual(seen, ['NOT_SERVING', 'SERVING']);
  });

  it('refuses a port that is taken', async () => {
    const opened = await open();
    await assert.rejects(startHealth(opened.health.address), /EADDRINUSE/);
  });
});
