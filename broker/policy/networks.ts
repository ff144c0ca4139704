import { isIPv4, isIPv6 } from 'node:net';

/** An address, read once: its text, and 32 bits a word: one for IPv4, four for IPv6. */
export interface Address {
  readonly text: string;
  readonly words: readonly number[];
}

/** A network: an address and as many bits set as its prefix is long. */
export interface Network {
  readonly words: readonly number[];
  readonly mask: readonly number[];
}

/** An address as a socket tells it; one of IPv4 that came over IPv6 ("::ffff:10.1.2.3") is one of IPv4. */
export function parseAddress(text: string): Address | undefined {
  const plain = text.replace(/^::ffff:(?=\d+\.)/i, '');
  if (isIPv4(plain)) return Object.freeze({ text: plain, words: wordsOfIPv4(plain) });
  // A zone ("fe80::1%eth0") is no part of a network.
  return isIPv6(plain) && !plain.includes('%') ? Object.freeze({ text: plain, words: wordsOfIPv6(plain) }) : undefined;
}

/** A network in CIDR notation; undefined for anything else, and where a bit is set behind the prefix. */
export function parseNetwork(cidr: string): Network | undefined {
  const [, text = '', digits = ''] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(cidr) ?? [];
  // Not by `parseAddress`: the prefix of "::ffff:10.0.0.0/104" counts the bits of IPv6.
  const words = isIPv4(text) ? wordsOfIPv4(text) : isIPv6(text) && !text.includes('%') ? wordsOfIPv6(text) : [];
  const length = Number(digits);
  if (words.length === 0 || length > words.length * 32) return undefined;
  const mask = words.map((_, index) => maskOf(Math.min(32, Math.max(0, length - 32 * index))));
  return words.every((word, index) => (word & ~(mask[index] ?? 0)) === 0) ? { words, mask } : undefined;
}

/** Whether an address lies in a network; never across the two families. */
export function isInside({ words }: Address, { words: base, mask }: Network): boolean {
  if (words.length !== base.length) return false;
  for (let index = 0; index < base.length; index += 1) {
    if ((((words[index] ?? 0) ^ (base[index] ?? 0)) & (mask[index] ?? -1)) !== 0) return false;
  }
  return true;
}

function maskOf(bits: number): number {
  // A shift by 32 is one by 0.
  return bits === 0 ? 0 : -1 << (32 - bits);
}

function wordsOfIPv4(text: string): number[] {
  return [text.split('.').reduce((word, part) => (word << 8) | Number(part), 0)];
}

function wordsOfIPv6(text: string): number[] {
  const tail = /^(.*:)([\d.]+)$/.exec(text);
  const [, front = '', ipv4 = ''] = tail && isIPv4(tail[2] ?? '') ? tail : [];
  const low = ipv4 === '' ? 0 : (wordsOfIPv4(ipv4)[0] ?? 0);
  const full = ipv4 === '' ? text : `${front}${(low >>> 16).toString(16)}:${(low & 0xffff).toString(16)}`;
  const [head = '', rest] = full.split('::');
  const before = groupsOf(head);
  const after = groupsOf(rest ?? '');
  const zeros = new Array<number>(8 - before.length - after.length).fill(0);
  const groups = [...before, ...zeros, ...after];
  return [0, 2, 4, 6].map((index) => ((groups[index] ?? 0) << 16) | (groups[index + 1] ?? 0));
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}
