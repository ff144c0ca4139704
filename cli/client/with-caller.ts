import type { Invocation } from '../command.ts';
import { exitCode } from '../failure.ts';
import { readEndpoints } from '../state/endpoints.ts';
import { type Layout, layoutOf } from '../state/layout.ts';
import { type Caller, connectAs } from './caller.ts';

/** Runs a command with one caller's connection to a broker, and closes it after. Answers the exit code. */
export async function withCaller(
  name: string,
  { stateDir, locale, broker }: Pick<Invocation, 'stateDir' | 'locale'> & { broker?: number },
  use: (caller: Caller, layout: Layout) => Promise<void>,
): Promise<number> {
  const layout = layoutOf(stateDir);
  const caller = await connectAs(name, { layout, endpoints: await readEndpoints(layout), broker, locale });
  try {
    await use(caller, layout);
    return exitCode.ok;
  } finally {
    caller.close();
  }
}
