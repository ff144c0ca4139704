/**
 * How alike two texts are, 0 to 1: one minus the typing errors between them (a letter wrong, missing, too many, or two
 * swapped) over the length of the longer, the words in the order given or in alphabetical order, whichever is better.
 * About 10 us for two names.
 */
export function similarityOf(a: string, b: string): number {
  return Math.max(ratio(a, b), ratio(inAlphabeticalOrder(a), inAlphabeticalOrder(b)));
}

function inAlphabeticalOrder(text: string): string {
  return text.split(' ').sort().join(' ');
}

function ratio(a: string, b: string): number {
  const length = Math.max(a.length, b.length);
  return length === 0 ? 1 : 1 - typingErrors(a, b) / length;
}

/** Optimal string alignment distance, three rows of it at a time. */
function typingErrors(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) least = Math.min(least, at(beforeLast, j - 2) + 1);
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
