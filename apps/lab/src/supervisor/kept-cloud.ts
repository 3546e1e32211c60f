import { createCloud, recordCalls, replayCalls, type Cloud, type CloudOptions, type LoggedCall } from "@slash28/vpc";
import type { KeptLog } from "../state/index.ts";

/** The account's EC2 as the labs before this one left it, keeping every change from now on. */
export function openCloud(options: CloudOptions, log: KeptLog<LoggedCall>): Cloud {
  const cloud = createCloud(options);
  const failure = replayCalls(cloud, log.saved);
  if (failure !== undefined) {
    throw new Error(
      `the kept VPC cannot be made again: call ${failure.index + 1}, ${failure.action}, is refused now (${failure.reason}); it was kept by another version of slash28: use that one, or start with an empty folder`,
    );
  }
  return recordCalls(cloud, (call) => log.append(call));
}
