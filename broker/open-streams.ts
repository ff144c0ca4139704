/**
 * The streams that the broker carries. They are looked at when another policy is installed, all in one turn and without
 * timers; between two policies a stream costs nothing.
 */
export class OpenStreams {
  readonly #checks = new Set<() => void>();

  /**
   * A stream begins. `check` ends it if the policy in force no longer carries it, and is also run at once: the policy may
   * have changed since the stream was decided. The answer is to be called when the stream ends.
   */
  enter(check: () => void): () => void {
    this.#checks.add(check);
    queueMicrotask(() => this.#checks.has(check) && check());
    return () => this.#checks.delete(check);
  }

  /** Another policy stands: every stream that it does not carry ends. */
  recheck(): void {
    for (const check of this.#checks) check();
  }
}
