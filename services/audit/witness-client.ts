import type { WitnessReply } from './domain/publisher.ts';

const TIMEOUT_MS = 5_000;

/** Sends a checkpoint to a witness (C2SP tlog-witness, add-checkpoint). Rejects when it does not answer by the protocol. */
export function witnessClient(url: string) {
  return async (oldSize: bigint, proof: readonly Buffer[], checkpoint: string): Promise<WitnessReply> => {
    const lines = [`old ${oldSize}`, ...proof.map((hash) => hash.toString('base64')), '', checkpoint];
    const response = await fetch(`${url.replace(/\/$/, '')}/add-checkpoint`, {
      method: 'POST',
      body: lines.join('\n'),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body = await response.text();
    if (response.status === 200) return { cosignature: body };
    if (response.status === 409 && /^\d{1,19}\n?$/.test(body)) return { size: BigInt(body.trim()) };
    if (response.status === 422) return { isInconsistent: true };
    throw new Error(`the witness answers ${response.status}`);
  };
}
