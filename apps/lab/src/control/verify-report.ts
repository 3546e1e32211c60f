/** One thing tried: `from` reached `to`, or not, and what was seen instead. */
export interface Attempt {
  readonly from: string;
  readonly to: string;
  readonly by: "ping" | "curl";
  readonly reached: boolean;
  readonly detail?: string;
}

/** What `lab verify` found: who tried, what was tried, every attempt. */
export interface VerifyReport {
  readonly sources: readonly string[];
  readonly targets: readonly string[];
  readonly attempts: readonly Attempt[];
  readonly missed: number;
}
