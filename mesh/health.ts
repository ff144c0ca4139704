import { Server, ServerCredentials } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';

/** The health endpoint of a process. */
export interface Health {
  /** `host:port`, with the port that was chosen. */
  readonly address: string;
  /** Whether the process should get calls; a started endpoint says no until it is told. */
  set(serving: boolean): void;
  close(): Promise<void>;
}

/**
 * Serves `grpc.health.v1.Health` without TLS on a port of its own, since probes of a cluster have no certificate; it answers
 * for the whole process only (service name ""). Rejects when the port is taken.
 */
export async function startHealth(listen: string): Promise<Health> {
  const implementation = new HealthImplementation({ '': 'NOT_SERVING' });
  const server = new Server();
  implementation.addToServer(server);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(listen, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    address: `${listen.slice(0, listen.lastIndexOf(':'))}:${port}`,
    set: (serving) => implementation.setStatus('', serving ? 'SERVING' : 'NOT_SERVING'),
    close: async () => server.forceShutdown(), // a watcher's stream never ends by itself
  };
}
