/** Shortest text that is looked for encoded: below that, chance finds it in random bytes. */
const ENCODED_LENGTH = 8;

/** The parts of a text's base64 that do not depend on what stands before and after it, one for each alignment. */
function base64Cores(text: string): string[] {
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]).toString('base64');
    const stable = Math.floor((before + Buffer.byteLength(text)) / 3) * 4;
    return encoded.slice(before === 0 ? 0 : 4, stable);
  });
}

/** Every form in which a text would betray itself: plain, hex in both cases, base64 in every alignment, base64url. */
export function formsOf(text: string): string[] {
  const hex = Buffer.from(text).toString('hex');
  const encoded = [hex, hex.toUpperCase(), ...base64Cores(text)];
  const urls = base64Cores(text).map((core) => core.replaceAll('+', '-').replaceAll('/', '_'));
  return [text, ...new Set([...encoded, ...urls].filter((form) => form.length >= ENCODED_LENGTH))];
}

/** Which of the secrets, in whichever form, stand in the haystack; answers where they came from, not the secrets. */
export function findLeaks(secrets: ReadonlyMap<string, string>, haystack: Buffer): string[] {
  const text = haystack.toString('latin1');
  return [...secrets].filter(([secret]) => formsOf(secret).some((form) => text.includes(form))).map(([, what]) => what);
}
