/** One finished call of an AWS API, retries included as calls of their own. */
export interface ApiCall {
  /** The action's name, `AssignPrivateIpAddresses`; for the metadata service `IMDS`. */
  readonly api: string;
  readonly latencyMs: number;
  /** The HTTP status of a success, the AWS error code of a refusal, and empty when nobody answered. */
  readonly code: string;
  readonly failed: boolean;
}

/** Hears of every call once, after it ended. It must not throw. */
export type Meter = (call: ApiCall) => void;
