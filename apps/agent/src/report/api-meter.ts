import { AWS_FAULTS, type Meter } from "@slash28/aws";
import { Fault, type Metrics } from "@slash28/ports";
import type { WarningEvents } from "./warning-events.ts";

/** Counts every AWS call, and knows by them what an operator must allow, and what works again. */
export function createApiMeter(metrics: Metrics, events: WarningEvents): Meter {
  return ({ api, latencyMs, code, failed }) => {
    metrics.observe("awscni_aws_api_latency_ms", latencyMs, { api, error: String(failed), status: code });
    if (failed) metrics.add("awscni_aws_api_error_count", { api, error: code });
    if (api === "IMDS") {
      if (!failed) events.over("METADATA_UNREACHABLE");
      return;
    }
    metrics.add("awscni_ec2api_req_count", { fn: api });
    if (!failed) return isWell(events, api);
    metrics.add("awscni_ec2api_error_count", { fn: api });
    const fault = AWS_FAULTS[code];
    // Also of calls whose failure stops nothing, and of tries that are made again.
    if (fault === "EC2_UNAUTHORIZED" || fault === "EC2_THROTTLED") events.happened(new Fault(fault, { api }));
  };
}

function isWell(events: WarningEvents, api: string): void {
  events.over("EC2_UNREACHABLE");
  events.over("NO_CREDENTIALS");
  for (const code of ["EC2_THROTTLED", "EC2_UNAUTHORIZED", "EC2_FAILED"] as const) events.over(code, api);
}
