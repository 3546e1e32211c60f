import { churnBench } from "./against-upstream/churn.ts";
import { massStartBench } from "./against-upstream/mass-start.ts";
import { apiServer } from "./api-server/api-server.ts";
import type { Bench } from "./bench.ts";
import { cni } from "./cni/cni.ts";
import { rest } from "./cni/rest.ts";
import { allocator } from "./core/allocator.ts";
import { ledger } from "./core/ledger.ts";
import { poolPlan } from "./core/pool-plan.ts";
import { fleetSimulation, fleetSimulationLarge } from "./fleet-simulation/fleet-simulation.ts";
import { fleet } from "./lab/fleet.ts";
import { lab } from "./lab/lab.ts";
import { pods } from "./lab/pods.ts";
import { services } from "./lab/services.ts";
import { clusterDns } from "./parts/cluster-dns.ts";
import { ec2Endpoint } from "./parts/ec2-endpoint.ts";
import { journal } from "./parts/journal.ts";
import { netlink } from "./parts/netlink.ts";
import { warmPolicyBench } from "./warm-policy/warm-policy.ts";

/** Every benchmark, in the order they run. */
export const BENCHES: readonly Bench[] = [
  allocator,
  ledger,
  poolPlan,
  massStartBench,
  churnBench,
  fleetSimulation,
  fleetSimulationLarge,
  warmPolicyBench,
  journal,
  netlink,
  services,
  clusterDns,
  ec2Endpoint,
  apiServer,
  cni,
  rest,
  lab,
  pods,
  fleet,
];
