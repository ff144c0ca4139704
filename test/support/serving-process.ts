import { Server, ServerCredentials } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';

// A process that does nothing but serve health, as the processes of the mesh do; with FAULT set it ends at once.
if (process.env.FAULT) process.exit(3);
const server = new Server();
new HealthImplementation({ '': 'SERVING' }).addToServer(server);
server.bindAsync(process.env.RANGKIANG_HEALTH_LISTEN ?? '', ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
});
process.once('SIGTERM', () => server.forceShutdown());
