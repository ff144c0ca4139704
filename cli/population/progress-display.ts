import type { Locale } from '../language.ts';

/** Where progress is shown. */
export interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const BAR_WIDTH = 28;
const REDRAW_MS = 200;
const LINE_MS = 5_000;
const WORDS = { rows: { id: 'baris', en: 'rows' }, left: { id: 'sisa', en: 'left' } };

/** "1:05" or "2:03:09". */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (parts[0] === 0) parts.shift();
  return parts.map((part, at) => (at === 0 ? `${part}` : `${part}`.padStart(2, '0'))).join(':');
}

/**
 * Shows how far a long piece of work is: a bar that is drawn over itself on a terminal, otherwise a line every 5 s. With
 * `total` it tells the time left, from the speed of this run.
 */
export class ProgressDisplay {
  readonly #screen: Screen;
  readonly #locale: Locale;
  readonly #total: number | undefined;
  readonly #now: () => number;
  readonly #startMs: number;
  #shownMs = Number.NEGATIVE_INFINITY;

  constructor(options: { screen: Screen; locale: Locale; total?: number; now?: () => number }) {
    this.#screen = options.screen;
    this.#locale = options.locale;
    this.#total = options.total;
    this.#now = options.now ?? (() => performance.now());
    this.#startMs = this.#now();
  }

  /** `done`: rows done in all; `before`: those of them that were done before this run. */
  update(done: number, before = 0): void {
    const now = this.#now();
    if (now - this.#shownMs < (this.#screen.isTTY ? REDRAW_MS : LINE_MS)) return;
    this.#shownMs = now;
    this.#show(done, before, now);
  }

  /** Shows the last state and leaves the line. */
  finish(done: number, before = 0): void {
    this.#show(done, before, this.#now());
    if (this.#screen.isTTY) this.#screen.write('\n');
  }

  /** Wipes the bar, so that something else can be written in its place. */
  clear(): void {
    if (this.#screen.isTTY) this.#screen.write('\r\x1b[K');
    this.#shownMs = Number.NEGATIVE_INFINITY;
  }

  #show(done: number, before: number, now: number): void {
    const seconds = Math.max(0.001, (now - this.#startMs) / 1000);
    const perSecond = (done - before) / seconds;
    const number = new Intl.NumberFormat(this.#locale);
    const parts = [
      `${number.format(done)}${this.#total ? ` / ${number.format(this.#total)}` : ''} ${WORDS.rows[this.#locale]}`,
    ];
    parts.push(`${number.format(Math.round(perSecond))}/s`);
    if (this.#total && perSecond > 0) {
      parts.push(`${WORDS.left[this.#locale]} ${clock(Math.max(0, this.#total - done) / perSecond)}`);
    }
    const text = parts.join('  ');
    if (!this.#screen.isTTY) this.#screen.write(`${text}\n`);
    else this.#screen.write(`\r\x1b[K${this.#bar(done)}${text}`);
  }

  #bar(done: number): string {
    if (!this.#total) return '';
    const filled = Math.round(Math.min(1, done / this.#total) * BAR_WIDTH);
    return `[${'#'.repeat(filled)}${'-'.repeat(BAR_WIDTH - filled)}] `;
  }
}
