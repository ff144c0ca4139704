import { setTimeout as delay } from 'node:timers/promises';
import { Client, credentials } from '@grpc/grpc-js';

const checkPath = '/grpc.health.v1.Health/Check';
/** HealthCheckResponse with status = SERVING. */
const serving = Buffer.from([0x08, 0x01]);
const pollMs = 100;
const checkTimeoutMs = 1_000;

/** Waits until the process at a plaintext health address serves. Rejects when `signal` says so. */
export async function untilServing(address: string, signal: AbortSignal): Promise<void> {
  while (!(await isServing(address))) {
    signal.throwIfAborted();
    await delay(pollMs, undefined, { signal });
  }
}

/** Whether the process serves now. A new connection each time: a kept one would wait a second after a refusal. */
async function isServing(address: string): Promise<boolean> {
  const client = new Client(address, credentials.createInsecure());
  try {
    return await new Promise<boolean>((resolve) => {
      client.makeUnaryRequest(
        checkPath,
        (empty: Buffer) => empty,
        (bytes: Buffer) => bytes,
        Buffer.alloc(0),
        { deadline: Date.now() + checkTimeoutMs },
        (error, answer) => resolve(!error && answer !== undefined && serving.equals(answer)),
      );
    });
  } finally {
    client.close();
  }
}
