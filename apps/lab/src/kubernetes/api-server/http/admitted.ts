import type { Result } from "@slash28/kube-store";

import type { Cluster, WriteOptions } from "../operations/cluster.ts";
import { writeOptions, type ApiCall } from "./api-call.ts";

/** A write that is tried again warns again. */
function warnOnce(warnings: string[], warning: string): void {
  if (!warnings.includes(warning)) warnings.push(warning);
}

/** Carries out a write of this request through the admission of its caller; warnings of that go to the call's. */
export function admitted<T>(call: ApiCall, write: (cluster: Cluster, options: WriteOptions) => Result<T>): Promise<Result<T>> {
  const options = writeOptions(call);
  const writer = { identity: call.identity, warn: (warning: string) => warnOnce(call.warnings, warning) };
  return call.serving.admission.carryOut(writer, (cluster, stage) => write(cluster, { ...options, stage }));
}
