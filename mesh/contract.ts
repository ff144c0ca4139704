import { readFileSync } from 'node:fs';
import {
  createFileRegistry,
  type DescMessage,
  type DescMethod,
  fromBinary,
  fromJsonString,
  getOption,
  type Message,
  toBinary,
  toJsonString,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema, MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';
import { createValidator, type Violation as RuleViolation } from '@bufbuild/protovalidate';
import { AuditClass, Door, type MethodPolicy } from '#gen/rangkiang/type/v1/method_policy.ts';
import type { Purpose } from '#gen/rangkiang/type/v1/purpose.ts';
import { MeshError } from './errors.ts';

/** What a call costs against the permit's daily quota; see `MethodPolicy.cost` in the proto. */
export type Cost =
  | { kind: 'NONE' }
  | { kind: 'PER_CALL'; rows: number }
  | { kind: 'PER_ITEM'; field: number }
  | { kind: 'AT_MOST'; rows: number };

/** One method of the contract with the policy that stands beside it in the proto. */
export interface Method {
  /** Full path, "/rangkiang.resident.v1.ResidentService/GetResident". */
  readonly path: string;
  readonly service: string;
  readonly name: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  /** Full names of the messages. */
  readonly requestType: string;
  readonly responseType: string;
  readonly policy: {
    readonly door: keyof typeof Door;
    readonly auditClass: keyof typeof AuditClass;
    readonly cost: Cost;
    readonly statutePurpose: Purpose;
    readonly defaultDeadlineMs: number;
  };
  /** The proto says NO_SIDE_EFFECTS. */
  readonly readOnly: boolean;
}

/** The buf image of the whole contract: bytes of a google.protobuf.FileDescriptorSet. */
const image = readFileSync(new URL('../proto/gen/image.binpb', import.meta.url));

/** Every descriptor of the image. */
export const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, image));

function nameOf<T extends Record<string, number>>(values: T, value: number): keyof T {
  return Object.keys(values).find((key) => values[key] === value) ?? 'UNSPECIFIED';
}

function costOf(cost: { case?: string; value?: number }): Cost {
  const value = cost.value ?? 0;
  switch (cost.case) {
    case 'perCall':
      return { kind: 'PER_CALL', rows: value };
    case 'perItemOfField':
      return { kind: 'PER_ITEM', field: value };
    case 'atMostRows':
      return { kind: 'AT_MOST', rows: value };
    default:
      return { kind: 'NONE' };
  }
}

function describe(service: string, method: DescMethod): Method {
  const extension = registry.getExtension('rangkiang.type.v1.method_policy');
  if (!extension) throw new Error('the image has no rangkiang.type.v1.method_policy');
  const policy = getOption(method, extension) as unknown as Omit<MethodPolicy, 'cost'> & {
    cost: { case?: string; value?: number };
  };
  return Object.freeze({
    path: `/${service}/${method.name}`,
    service,
    name: method.name,
    requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
    responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
    requestType: method.input.typeName,
    responseType: method.output.typeName,
    policy: Object.freeze({
      door: nameOf(Door, policy.door),
      auditClass: nameOf(AuditClass, policy.auditClass),
      cost: costOf(policy.cost),
      statutePurpose: policy.statutePurpose,
      defaultDeadlineMs: policy.defaultDeadlineMs,
    }),
    readOnly: method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS,
  });
}

/** Every method of the contract by its full path. */
export const methods: ReadonlyMap<string, Method> = new Map(
  [...registry]
    .filter((descriptor) => descriptor.kind === 'service')
    .filter(({ typeName }) => typeName.startsWith('rangkiang.'))
    .flatMap((service) => service.methods.map((method) => describe(service.typeName, method)))
    .map((method) => [method.path, method]),
);

// Patterns are constants of our own protos, so the platform's RegExp is safe and saves 4 of 6 us a message
// against protovalidate's own RE2 engine.
const patterns = new Map<string, RegExp>();
function matches(pattern: string, value: string): boolean {
  let compiled = patterns.get(pattern);
  if (!compiled) {
    compiled = new RegExp(pattern, 'u');
    patterns.set(pattern, compiled);
  }
  return compiled.test(value);
}

const validator = createValidator({ registry, regexMatch: matches });
const descriptors = new Map<string, DescMessage>();

function messageType(typeName: string): DescMessage {
  let descriptor = descriptors.get(typeName);
  if (!descriptor) {
    descriptor = registry.getMessage(typeName);
    if (!descriptor) throw new Error(`no message ${typeName} in the contract`);
    descriptors.set(typeName, descriptor);
  }
  return descriptor;
}

function fieldPath(violation: RuleViolation): string {
  return violation.field
    .map((part) => (part.kind === 'field' ? `.${part.name}` : part.kind === 'list_sub' ? `[${part.index}]` : ''))
    .join('')
    .replace(/^\./, '');
}

function check(descriptor: DescMessage, message: Message): void {
  const result = validator.validate(descriptor, message);
  if (result.kind === 'valid') return;
  if (result.kind === 'error') throw result.error;
  throw new MeshError('REQUEST_INVALID', {
    // A rule's own text names the rule and never the value.
    violations: result.violations.map((violation) => ({ field: fieldPath(violation), description: violation.message })),
  });
}

/**
 * Checks the bytes of a message against the rules beside its fields (protovalidate), about 3 us for a small one.
 * Throws MeshError REQUEST_MALFORMED when they are not such a message, REQUEST_INVALID with every violation.
 */
export function validate(typeName: string, bytes: Uint8Array): void {
  const descriptor = messageType(typeName);
  let message: Message;
  try {
    message = fromBinary(descriptor, bytes);
  } catch (cause) {
    throw new MeshError('REQUEST_MALFORMED', { cause });
  }
  check(descriptor, message);
}

/**
 * Reads ProtoJSON strictly: an unknown field, enum name or wrong type is refused. Returns the message's bytes.
 * Throws MeshError REQUEST_INVALID; rules are not checked (see `validate`).
 */
export function parseJson(typeName: string, text: string): Uint8Array {
  const descriptor = messageType(typeName);
  try {
    return toBinary(descriptor, fromJsonString(descriptor, text, { registry, ignoreUnknownFields: false }));
  } catch (cause) {
    throw new MeshError('REQUEST_INVALID', {
      violations: [{ field: typeName, description: 'is not the ProtoJSON of this message' }],
      cause,
    });
  }
}

/** Prints the bytes of a message as ProtoJSON, field names in lowerCamelCase, indented by two spaces. */
export function printJson(typeName: string, bytes: Uint8Array): string {
  const descriptor = messageType(typeName);
  return toJsonString(descriptor, fromBinary(descriptor, bytes), { registry, prettySpaces: 2 });
}

/** Compiles the rules of the named messages now: the first use of each costs up to 120 ms. */
export function warmValidation(typeNames: Iterable<string>): void {
  for (const typeName of typeNames) {
    try {
      validate(typeName, new Uint8Array());
    } catch (error) {
      if (!(error instanceof MeshError)) throw error;
    }
  }
}
