import type { Clock, Ec2, HostNetwork, Journal, Log, Metadata, Metrics } from "@slash28/ports";

/** Everything outside that the agent's own code talks to. */
export interface AgentPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly journal: Journal;
  /** Keeps what the adaptive warm policy has learned, one entry; absent: each start learns anew. */
  readonly demand?: Journal;
  readonly network: HostNetwork;
  readonly ec2: Ec2;
  readonly metadata: Metadata;
}
