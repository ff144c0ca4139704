import { type Method, printJson } from '../../mesh/contract.ts';
import { messageFromJson } from '../read-input.ts';
import { type Answered, type Caller, type CallSettings, rawDefinition } from './caller.ts';

/** Calls a unary method whose request and answer are ProtoJSON texts. Throws CallRefused, or a usage failure for the text. */
export async function callJson(
  caller: Caller,
  method: Method,
  json: string,
  settings: CallSettings,
): Promise<Answered<string>> {
  const request = messageFromJson(method.requestType, json);
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
  json: string,
  settings: CallSettings,
): AsyncGenerator<string> {
  const request = messageFromJson(method.requestType, json);
  for await (const bytes of caller.stream(rawDefinition(method), request, settings)) {
    yield printJson(method.responseType, bytes);
  }
}
