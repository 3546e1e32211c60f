/** Milliseconds since the Unix epoch. */
export type Millis = number;

/** The part of an `AbortSignal` that is needed here; the platform's own fits. */
export interface CancelSignal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** Time, as an argument. */
export interface Clock {
  now(): Millis;
  /** Resolves after `ms`, or at once when `signal` fires; never rejects. */
  sleep(ms: number, signal?: CancelSignal): Promise<void>;
}
