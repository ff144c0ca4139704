import { readdirSync, readFileSync } from 'node:fs';

// Linux counts CPU time in ticks of 10 ms (USER_HZ is 100 on every architecture that Node runs on).
const MS_PER_TICK = 10;

interface ProcessTimes {
  parent: number;
  /** Of all its threads. */
  ownMs: number;
  /** Of its children that have ended. */
  endedChildrenMs: number;
}

/** Reads the text of /proc/<pid>/stat; the name in parentheses may itself hold spaces and parentheses. */
export function parseStat(text: string): ProcessTimes {
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  // proc(5) numbers fields from 1, and the first after the name is the third.
  const field = (number: number): number => {
    const value = fields[number - 3];
    if (value === undefined) throw new RangeError(`/proc/<pid>/stat has no field ${number}`);
    return value;
  };
  return {
    parent: field(4),
    ownMs: (field(14) + field(15)) * MS_PER_TICK,
    endedChildrenMs: (field(16) + field(17)) * MS_PER_TICK,
  };
}

/** CPU time in milliseconds that a process has used. Throws when it does not run on this machine. */
export function processCpuMs(pid: number): number {
  return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8')).ownMs;
}

/** CPU time in milliseconds that a process and its children have used, those that have ended included. */
export function familyCpuMs(pid: number): number {
  const { ownMs, endedChildrenMs } = parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const children = allTimes().filter(({ parent }) => parent === pid);
  return children.reduce((sum, child) => sum + child.ownMs, ownMs + endedChildrenMs);
}

/**
 * CPU time in milliseconds that the machine's cores have not been idle since it started, by the text of /proc/stat; what
 * a hypervisor gave to other machines instead (steal) is in it.
 */
export function parseBusyMs(text: string): number {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = text.split(/\s+/).map(Number);
  return (user + nice + system + irq + softirq + steal) * MS_PER_TICK;
}

/** The same of this machine, now. */
export function machineBusyMs(): number {
  return parseBusyMs(readFileSync('/proc/stat', 'utf8'));
}

/** The process that started another one. */
export function parentOf(pid: number): number {
  return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8')).parent;
}

function allTimes(): ProcessTimes[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))];
      } catch {
        return []; // It ended since the directory was read.
      }
    });
}
