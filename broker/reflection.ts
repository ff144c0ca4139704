import { type DescFile, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { status as GrpcStatus, type Server, type ServerDuplexStream } from '@grpc/grpc-js';
import {
  type ServerReflectionRequest,
  type ServerReflectionResponse,
  type ServerReflectionServer,
  ServerReflectionService,
} from '#gen/grpc/reflection/v1/reflection.ts';
import { methods, registry } from '#mesh/contract.ts';

type Answer = NonNullable<ServerReflectionResponse['messageResponse']>;
type Question = NonNullable<ServerReflectionRequest['messageRequest']>;

const services = new Set(
  [...methods.values()].filter(({ policy }) => policy.door === 'BROKER').map(({ service }) => service),
);

/** The files of the public services, and what these import. */
const files = new Map<string, DescFile>();
function addWithImports(file: DescFile): void {
  if (files.has(file.proto.name)) return;
  files.set(file.proto.name, file);
  file.dependencies.forEach(addWithImports);
}
for (const service of services) {
  const descriptor = registry.getService(service);
  if (descriptor) addWithImports(descriptor.file);
}

function fileOfSymbol(symbol: string): DescFile | undefined {
  const owner = registry.get(symbol) ?? registry.get(symbol.slice(0, symbol.lastIndexOf('.')));
  return owner && files.get(owner.file.proto.name);
}

function extensionsOf(typeName: string) {
  return [...registry].filter(
    (descriptor) =>
      descriptor.kind === 'extension' &&
      descriptor.extendee.typeName === typeName &&
      files.has(descriptor.file.proto.name),
  ) as Extract<ReturnType<typeof registry.get>, { kind: 'extension' }>[];
}

function fileAnswer(file: DescFile | undefined): Answer | undefined {
  if (!file) return undefined;
  const closure = new Set<DescFile>();
  const visit = (next: DescFile): void => {
    if (closure.has(next)) return;
    closure.add(next);
    next.dependencies.forEach(visit);
  };
  visit(file);
  const fileDescriptorProto = [...closure].map(({ proto }) => Buffer.from(toBinary(FileDescriptorProtoSchema, proto)));
  return { $case: 'fileDescriptorResponse', value: { fileDescriptorProto } };
}

function answerTo(question: Question): Answer | undefined {
  switch (question.$case) {
    case 'listServices':
      return {
        $case: 'listServicesResponse',
        value: { service: [...services].sort().map((name) => ({ name })) },
      };
    case 'fileByFilename':
      return fileAnswer(files.get(question.value));
    case 'fileContainingSymbol':
      return fileAnswer(fileOfSymbol(question.value));
    case 'fileContainingExtension': {
      const { containingType, extensionNumber } = question.value;
      return fileAnswer(extensionsOf(containingType).find(({ number }) => number === extensionNumber)?.file);
    }
    case 'allExtensionNumbersOfType':
      return {
        $case: 'allExtensionNumbersResponse',
        value: {
          baseTypeName: question.value,
          extensionNumber: extensionsOf(question.value).map(({ number }) => number),
        },
      };
  }
}

function answer(request: ServerReflectionRequest): ServerReflectionResponse {
  const messageResponse: Answer = (request.messageRequest && answerTo(request.messageRequest)) ?? {
    $case: 'errorResponse',
    value: { errorCode: GrpcStatus.NOT_FOUND, errorMessage: 'not among the public services of this mesh' },
  };
  return { validHost: request.host, originalRequest: request, messageResponse };
}

/**
 * Serves gRPC Server Reflection (v1, and v1alpha, whose messages are the same) for the public services, and nothing else,
 * to whoever has a certificate of ours; not recorded.
 */
export function serveReflection(server: Server): void {
  const implementation: ServerReflectionServer = {
    serverReflectionInfo: (call: ServerDuplexStream<ServerReflectionRequest, ServerReflectionResponse>) => {
      call.on('data', (request: ServerReflectionRequest) => call.write(answer(request)));
      call.on('end', () => call.end());
    },
  };
  server.addService(ServerReflectionService, implementation);
  const { serverReflectionInfo: definition } = ServerReflectionService;
  const path = definition.path.replace('.v1.', '.v1alpha.');
  server.addService({ serverReflectionInfo: { ...definition, path } }, implementation);
}
