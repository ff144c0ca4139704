import type { Server } from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { image, methods } from '#mesh/contract.ts';

/** Shows the public services, and nothing else, to whoever has a certificate of ours; not recorded. */
export function serveReflection(server: Server): void {
  const services = new Set(
    [...methods.values()].filter(({ policy }) => policy.door === 'BROKER').map(({ service }) => service),
  );
  new ReflectionService(loadFileDescriptorSetFromBuffer(image), { services: [...services] }).addToServer(server);
}
