import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestCertificates } from './certificates.ts';
import { type Child, startChild } from './child.ts';

/** The signer as a process. */
export interface SignerProcess {
  /** The same after a restart. */
  readonly address: string;
  readonly child: Child;
  /** Where it remembers what it signed. */
  readonly stateDir: string;
  /** Kills it, as a crash does, and waits until it is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same address. */
  start(): Promise<void>;
}

/** Starts a signer with its files in `directory`, with the secret seed of its key. */
export async function startSigner(
  directory: string,
  seed: Buffer,
  certificates: TestCertificates,
): Promise<SignerProcess> {
  const tls = await certificates.issue('spiffe://padang.go.id/mesh/signer');
  const stateDir = join(directory, 'state');
  const keyFile = join(directory, 'key');
  await mkdir(directory, { recursive: true });
  await writeFile(keyFile, seed.toString('base64'));
  const startProcess = (listen: string) =>
    startChild(new URL('../../services/signer/main.ts', import.meta.url), [], {
      RANGKIANG_LISTEN: listen,
      RANGKIANG_HEALTH_LISTEN: '127.0.0.1:0',
      RANGKIANG_TLS_CA: tls.ca,
      RANGKIANG_TLS_CERT: tls.cert,
      RANGKIANG_TLS_KEY: tls.key,
      RANGKIANG_SIGNER_KEY: keyFile,
      RANGKIANG_SIGNER_STATE: stateDir,
      REDIS_URL: 'redis://127.0.0.1:1',
    });
  let child = startProcess('127.0.0.1:0');
  const address = String((await child.said('listening')).address);
  return {
    address,
    stateDir,
    get child() {
      return child;
    },
    async kill() {
      child.process.kill('SIGKILL');
      await child.exit;
    },
    async start() {
      child = startProcess(address);
      await child.said('listening');
    },
  };
}
