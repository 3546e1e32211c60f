import { stringify } from "yaml";
import { clusterFileOf } from "../cluster-file-of.ts";
import { MODES } from "../mode.ts";
import type { Plan } from "../plan-types.ts";
import { eksctlConfig } from "./eksctl.ts";
import { idsScript } from "./ids-script.ts";
import { kubernetesFiles } from "./kubernetes-manifests.ts";
import { overlayGuide } from "./overlay-guide.ts";
import type { PlanFile } from "./plan-file.ts";
import { terraformCluster } from "./terraform-cluster.ts";
import { terraformNetwork } from "./terraform-network.ts";
import { userDataFiles } from "./user-data.ts";

/** What a reader of the cluster file must know first. */
function headOf({ mode, vpc: { internet } }: Plan): string {
  return [
    ...(MODES[mode].isIpv6 ? ["# For slash28 simulate. A lab refuses it: its agent gives pods IPv4 addresses alone, as yet."] : []),
    ...(internet === "none"
      ? ["# A lab has no VPC without a way to the internet: in it, nodes have public addresses, unlike what the other files make."]
      : []),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

/** Everything to carry a plan out with. An overlay's CNI is installed by its own tools, between cluster and nodes: its guide says how. */
export function planFiles(plan: Plan): readonly PlanFile[] {
  const network = [
    { path: "ids.sh", text: idsScript(plan) },
    { path: "eksctl.yaml", text: eksctlConfig(plan) },
    { path: "terraform/network.tf", text: terraformNetwork(plan) },
  ];
  if (!MODES[plan.mode].isVpcCni) return [{ path: "overlay.md", text: overlayGuide(plan) }, ...network, ...userDataFiles(plan)];
  const cluster = clusterFileOf(plan, "today");
  return [
    ...(cluster === undefined ? [] : [{ path: "cluster.yaml", text: `${headOf(plan)}${stringify(cluster)}` }]),
    ...network,
    { path: "terraform/cluster.tf", text: terraformCluster(plan) },
    ...kubernetesFiles(plan),
    ...userDataFiles(plan),
  ];
}
