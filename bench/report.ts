/** How long and how often; each bench uses what concerns it. */
export interface BenchOptions {
  /** Pairs of rounds to compare. */
  readonly rounds: number;
  /** Length of a round. */
  readonly seconds: number;
  /** Told what happens meanwhile. */
  say(line: string): void;
}

/** One figure, and what DESIGN's budgets ask of it. */
export interface Finding {
  readonly what: string;
  readonly measured: number;
  /** Empty for a ratio. */
  readonly unit: string;
  readonly budget?: { readonly least: number } | { readonly most: number };
}

/** What one bench found. */
export interface Report {
  readonly bench: string;
  readonly findings: readonly Finding[];
  /** How it was measured, for people. */
  readonly notes: readonly string[];
}

/** Whether a finding keeps its budget; `undefined` when it has none. */
function isMet({ measured, budget }: Finding): boolean | undefined {
  if (budget === undefined) return undefined;
  return 'least' in budget ? measured >= budget.least : measured <= budget.most;
}

/** The report as a table of text. */
export function printReport({ bench, findings, notes }: Report): string {
  const rows = findings.map((finding) => [
    finding.what,
    `${printNumber(finding.measured)} ${finding.unit}`.trim(),
    printBudget(finding),
    { true: 'met', false: 'MISSED', undefined: '' }[String(isMet(finding)) as 'true' | 'false' | 'undefined'],
  ]);
  const head = [bench, 'measured', 'budget', ''];
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const lines = [head, widths.map((width) => '-'.repeat(width)), ...rows].map((row) =>
    row
      .map((cell, column) => (column === 1 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  return [...lines, ...notes.map((note) => `  ${note}`)].join('\n');
}

function printBudget({ budget, unit }: Finding): string {
  if (budget === undefined) return '';
  const [sign, bound] = 'least' in budget ? ['>=', budget.least] : ['<=', budget.most];
  return `${sign} ${printNumber(bound)} ${unit}`.trim();
}

/** Three significant digits, or all that stand before the point. */
function printNumber(value: number): string {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toLocaleString('en', { maximumFractionDigits: Math.min(digits, 3) });
}
