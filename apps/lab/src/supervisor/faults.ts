import type { Clock } from "@slash28/ports";
import type { AwsEndpoint } from "../aws/index.ts";
import type { FaultKind, LabFault } from "../control/index.ts";

/** The faults ordered of a running lab. */
export interface Faults {
  order(kind: FaultKind, seconds: number): LabFault;
  /** Those still in force. */
  all(): readonly LabFault[];
  clear(): void;
}

export function createFaults(aws: Pick<AwsEndpoint, "setThrottle">, clock: Clock): Faults {
  let throttledUntilMs = 0;
  const throttle = (untilMs: number): LabFault => {
    throttledUntilMs = untilMs;
    aws.setThrottle({ allUntilMs: untilMs });
    return { kind: "throttle", until: new Date(untilMs).toISOString() };
  };
  return {
    order: (kind, seconds) => {
      switch (kind) {
        case "throttle":
          return throttle(clock.now() + seconds * 1_000);
        default:
          return kind satisfies never;
      }
    },
    all: () => (throttledUntilMs > clock.now() ? [{ kind: "throttle", until: new Date(throttledUntilMs).toISOString() }] : []),
    clear: () => {
      throttledUntilMs = 0;
      aws.setThrottle({});
    },
  };
}
