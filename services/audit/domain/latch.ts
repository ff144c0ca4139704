/** Lets one loop sleep until something happened, and never miss what happened before it slept. */
export class Latch {
  #open = false;
  #wake: (() => void) | undefined;

  /** Something happened. */
  open(): void {
    this.#open = true;
    this.#wake?.();
  }

  /** Resolves at once when the latch was opened since the last pass, else at the next `open`; closes it again. */
  async pass(): Promise<void> {
    if (!this.#open) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#open = false;
    this.#wake = undefined;
  }
}
