import { randomBytes } from 'node:crypto';
import { memoryFile } from '#mesh/memory-file.ts';
import { verifierOf, WITNESS_NAME, witnessSigner } from '#mesh/tlog/note.ts';
import { Witness } from '../../cli/witness/witness.ts';
import { startWitnessServer } from '../../cli/witness/witness-server.ts';

/** A witness that runs within the test. */
export interface TestWitness {
  readonly address: string;
  /** Its public key. */
  readonly key: string;
  readonly witness: Witness;
  close(): Promise<void>;
}

/** Starts a witness of the log with this public key; its memory lies in `directory`. */
export async function startWitness(directory: string, logKey: string): Promise<TestWitness> {
  const signer = witnessSigner(WITNESS_NAME, randomBytes(32));
  const witness = new Witness(verifierOf(logKey), signer, memoryFile(directory, 'checkpoint'));
  const server = await startWitnessServer('127.0.0.1:0', witness, console.error);
  return { address: server.address, key: signer.verifierKey, witness, close: server.close };
}
