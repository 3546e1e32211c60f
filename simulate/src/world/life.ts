/** Raised in an agent that was killed; nothing it does counts any more. */
export class Killed extends Error {
  constructor() {
    super("the agent was killed");
    this.name = "Killed";
  }
}

/** One process of the agent, from its start to its end. Its calls to the outside are the points at which a crash may strike. */
export class Life {
  isOver = false;
  /** How many more calls until it is killed; absent: it is not. */
  callsLeft: number | undefined;
  readonly #kill: () => void;
  readonly #mourners = new Set<() => void>();

  /** @param kill ends this life. */
  constructor(kill: () => void) {
    this.#kill = kill;
  }

  /** Nothing the process does or awaits happens from now on. */
  end(): void {
    this.isOver = true;
    for (const mourn of this.#mourners) mourn();
    this.#mourners.clear();
  }

  /** Tells who waits for the process that it ended. */
  onEnd(mourn: () => void): () => void {
    this.#mourners.add(mourn);
    return () => void this.#mourners.delete(mourn);
  }

  /** Whether the process lives on past this point. */
  livesOn(): boolean {
    if (!this.isOver && this.callsLeft !== undefined && --this.callsLeft <= 0) this.#kill();
    return !this.isOver;
  }

  /** A synchronous call: it may be cut off before it does anything, or before its answer is used. */
  around<T>(work: () => T): T {
    if (!this.livesOn()) throw new Killed();
    const result = work();
    if (!this.livesOn()) throw new Killed();
    return result;
  }

  /** The same for a call that is awaited: one that is cut off never ends. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    if (!this.livesOn()) return forever();
    const result = await this.#settled(work);
    if (!this.livesOn()) return forever();
    if (result.ok) return result.value;
    throw result.cause;
  }

  async #settled<T>(work: () => Promise<T>): Promise<{ ok: true; value: T } | { ok: false; cause: unknown }> {
    try {
      return { ok: true, value: await work() };
    } catch (cause) {
      return { ok: false, cause };
    }
  }
}

/** A promise of its own each time, so that nothing is kept by those that wait for it. */
export function forever(): Promise<never> {
  return new Promise(() => undefined);
}
