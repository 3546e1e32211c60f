import type { SubnetId } from "@slash28/address";
import type { Clock } from "@slash28/ports";
import type { Cloud } from "@slash28/vpc";
import type { CloudWatch } from "./cloudwatch.ts";

/** The namespace of what the lab tells of itself. */
export const LAB_NAMESPACE = "Slash28/VPC";
/** Free IPv4 addresses of a subnet, as DescribeSubnets counts them; its one dimension is `SubnetId`. */
export const FREE_ADDRESSES = "AvailableIpAddressCount";

const EVERY_MS = 10_000;

export interface LabMetricsOptions {
  readonly cloudWatch: CloudWatch;
  readonly cloud: Cloud;
  readonly clock: Clock;
}

/** Publishes the lab's metrics and judges alarms every ten seconds until told to stop. */
export function runLabMetrics(options: LabMetricsOptions): { stop(): void } {
  const stopped = new AbortController();
  const turn = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      publishFreeAddresses(options);
      options.cloudWatch.evaluate(options.clock.now());
      await options.clock.sleep(EVERY_MS, stopped.signal);
    }
  };
  void turn();
  return { stop: () => stopped.abort() };
}

function publishFreeAddresses({ cloudWatch, cloud, clock }: LabMetricsOptions): void {
  const now = clock.now();
  const described = cloud.describeSubnets({}, { now });
  if (!described.ok) return;
  for (const { id, freeAddresses: value } of described.value) {
    const metric = { namespace: LAB_NAMESPACE, name: FREE_ADDRESSES, dimensions: [["SubnetId", id satisfies SubnetId] as const] };
    cloudWatch.metrics.add(metric, { at: now, count: 1, sum: value, min: value, max: value }, "Count");
  }
}
