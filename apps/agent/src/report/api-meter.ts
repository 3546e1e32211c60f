import type { Meter } from "@slash28/aws";
import { AWS_FAULTS, Fault, type Metrics } from "@slash28/ports";
import type { WarningEvents } from "./warning-events.ts";

/** Counts every AWS call, and knows by them what an operator must allow, and what works again. */
export function createApiMeter(metrics: Metrics, events: WarningEvents): Meter {
  return ({ api, latencyMs, code: given, failed }) => {
    const code = boundedCode(given);
    metrics.observe("awscni_aws_api_latency_ms", latencyMs, { api, error: String(failed), status: code });
    if (failed) {
      metrics.add("awscni_aws_api_error_count", { api, error: code });
      metrics.add("awscni_aws_utils_error_count", { fn: api, error: code });
    }
    if (api === "IMDS") {
      if (!failed) events.over("METADATA_UNREACHABLE");
      return;
    }
    metrics.add("awscni_ec2api_req_count", { fn: api });
    if (!failed) return isWell(events, api);
    metrics.add("awscni_ec2api_error_count", { fn: api });
    const fault = AWS_FAULTS[given];
    // Also of calls whose failure stops nothing, and of tries that are made again.
    if (fault === "EC2_UNAUTHORIZED" || fault === "EC2_THROTTLED") events.happened(new Fault(fault, { api }));
  };
}

/** What an answer calls its code may be anything; a label must not be. */
function boundedCode(code: string): string {
  return /^[\w.]{0,64}$/.test(code) ? code : "other";
}

function isWell(events: WarningEvents, api: string): void {
  events.over("EC2_UNREACHABLE");
  events.over("NO_CREDENTIALS");
  for (const code of ["EC2_THROTTLED", "EC2_UNAUTHORIZED", "EC2_FAILED"] as const) events.over(code, api);
}
