import { type Method, printJson } from '../../mesh/contract.ts';
import { type Answered, type Caller, type CallSettings, rawDefinition } from './caller.ts';

/** Calls a unary method with the bytes of its request; the answer is a ProtoJSON text. Throws CallRefused. */
export async function callJson(
  caller: Caller,
  method: Method,
  request: Uint8Array,
  settings: CallSettings,
): Promise<Answered<string>> {
  const answered = await caller.call(rawDefinition(method), request, {
    timeoutMs: method.policy.defaultDeadlineMs,
    ...settings,
  });
  return { ...answered, message: printJson(method.responseType, answered.message) };
}

/** Calls a method that answers many times, each time with a ProtoJSON text. */
export async function* streamJson(
  caller: Caller,
  method: Method,
  request: Uint8Array,
  settings: CallSettings,
): AsyncGenerator<string> {
  for await (const bytes of caller.stream(rawDefinition(method), request, settings)) {
    yield printJson(method.responseType, bytes);
  }
}
