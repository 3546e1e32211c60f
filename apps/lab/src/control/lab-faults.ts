/** A fault that an operator ordered, until it ends by itself or is cleared. */
export interface LabFault {
  readonly kind: FaultKind;
  readonly until: string;
}

/** `throttle`: EC2 refuses every call with RequestLimitExceeded. */
export const FAULT_KINDS = ["throttle"] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** The longest a fault may last, in seconds: an hour. */
export const FAULT_SECONDS_MAX = 3_600;
