/** The name of an enum's value as the contract writes it, without its prefix; the number of one that we do not know. */
export function enumName(values: Readonly<Record<string, number>>, value: number): string {
  return Object.keys(values).find((name) => values[name] === value) ?? String(value);
}
