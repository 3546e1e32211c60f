import type { Clock, Ec2, HostNetwork, Journal, Log, Metadata, Metrics } from "@slash28/ports";

/** Everything outside that the agent's own code talks to. */
export interface AgentPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly journal: Journal;
  readonly network: HostNetwork;
  readonly ec2: Ec2;
  readonly metadata: Metadata;
}
