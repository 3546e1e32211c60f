import { stringify } from "yaml";
import { clusterFileOf } from "../cluster-file-of.ts";
import { MODES } from "../mode.ts";
import type { Plan } from "../plan-types.ts";
import { eksctlConfig } from "./eksctl.ts";
import { idsScript } from "./ids-script.ts";
import { kubernetesFiles } from "./kubernetes-manifests.ts";
import type { PlanFile } from "./plan-file.ts";
import { terraformCluster } from "./terraform-cluster.ts";
import { terraformNetwork } from "./terraform-network.ts";
import { userDataFiles } from "./user-data.ts";

/** What a reader of the cluster file must know first. */
function headOf({ mode }: Plan): string {
  return MODES[mode].isIpv6 ? "# For slash28 simulate. A lab refuses it: its agent gives pods IPv4 addresses alone, as yet.\n" : "";
}

/** Everything to carry a plan out with; nothing for an overlay, which another CNI's tools install. */
export function planFiles(plan: Plan): readonly PlanFile[] {
  if (!MODES[plan.mode].isVpcCni) return [];
  const cluster = clusterFileOf(plan, "today");
  return [
    ...(cluster === undefined ? [] : [{ path: "cluster.yaml", text: `${headOf(plan)}${stringify(cluster)}` }]),
    { path: "ids.sh", text: idsScript(plan) },
    { path: "eksctl.yaml", text: eksctlConfig(plan) },
    { path: "terraform/network.tf", text: terraformNetwork(plan) },
    { path: "terraform/cluster.tf", text: terraformCluster(plan) },
    ...kubernetesFiles(plan),
    ...userDataFiles(plan),
  ];
}
