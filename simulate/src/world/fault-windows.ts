import type { FaultKind, Timeline } from "@slash28/simulation";

/** Faults that last for a while. */
export class FaultWindows {
  readonly #timeline: Timeline;
  readonly #until = new Map<FaultKind, number>();

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  open(kind: FaultKind, forMs: number): void {
    this.#until.set(kind, this.#timeline.now + forMs);
  }

  isOpen(kind: FaultKind): boolean {
    const until = this.#until.get(kind);
    return until !== undefined && this.#timeline.now < until;
  }

  closeAll(): void {
    this.#until.clear();
  }
}
