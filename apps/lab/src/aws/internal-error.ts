import type { Log } from "@slash28/ports";
import { AwsError } from "./aws-error.ts";

/** A bug, or a failure of what follows a service. The caller learns where to look and nothing else. */
export function internalError(log: Log, requestId: string, cause: unknown): AwsError {
  log.error("an AWS request failed inside the lab", {
    requestId,
    detail: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
  });
  return new AwsError("InternalError", `An internal error has occurred; the lab's log tells more under request id ${requestId}.`);
}
