import { MeshError } from '#mesh/errors.ts';
import type { Appender } from '#mesh/record.ts';
import type { LogWriter } from './log-writer.ts';

const USUAL_TIMEOUT_MS = 2_000;

/** Appends the audit service's own records through the same queue as everybody's, with the answers of an AppendClient. */
export function ownAppender(writer: LogWriter): Appender {
  return {
    append: async (entry, timeoutMs = USUAL_TIMEOUT_MS) => {
      if (!writer.hasRoom) throw new MeshError('AUDIT_UNAVAILABLE');
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new MeshError('AUDIT_UNAVAILABLE')), timeoutMs);
      });
      try {
        return await Promise.race([writer.writeOwn(entry), timeout]);
      } catch (error) {
        throw error instanceof MeshError ? error : new MeshError('AUDIT_UNAVAILABLE', { cause: error });
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
