import { cidr4, cidr4Overlaps } from "@slash28/address";
import type { Plan } from "../plan-types.ts";

/** Ranges for an overlay's pods, which no router sees: the first that nothing of the VPC has. */
const POD_RANGES = ["100.64.0.0/10", "10.0.0.0/8", "172.16.0.0/12"];

/** What another CNI's tools have to be told, and in which order: a plan's files cannot install it. */
export function overlayGuide(plan: Plan): string {
  const { name, vpc, alternatives, nodeGroups } = plan;
  const taken = [...vpc.cidrs, vpc.serviceCidr].map(cidr4);
  const range = POD_RANGES.find((text) => !taken.some((other) => cidr4Overlaps(cidr4(text), other))) ?? "a range of its own";
  return [
    `# ${name}: pods in an overlay`,
    "",
    "Pods get addresses that the VPC does not know, so a CNI with an overlay of its own takes the VPC CNI's place: Cilium (`ipam.mode=cluster-pool`,",
    "`routingMode=tunnel`) or Calico (VXLAN). Both work on EKS nodes without the VPC CNI; which one is a matter of what you run already.",
    "",
    "Why not the VPC CNI:",
    ...alternatives.map(({ title, reason }) => `- ${title}: ${reason}`),
    "",
    "## In this order",
    "1. `terraform -chdir=terraform apply`: VPC, subnets and ways out.",
    "2. `. ids.sh && envsubst < eksctl.yaml > /tmp/eksctl.yaml && eksctl create cluster -f /tmp/eksctl.yaml --without-nodegroup`: a cluster without vpc-cni.",
    `3. Install the CNI, pods' range ${range} (it may not overlap ${[...vpc.cidrs, vpc.serviceCidr].join(", ")}). Nodes that come before it stay NotReady.`,
    "4. `eksctl create nodegroup -f /tmp/eksctl.yaml`.",
    "",
    "## To know",
    ...nodeGroups.map(
      ({ instanceType, maxPods }) =>
        `- ${instanceType}: max pods ${maxPods}, since ENIs no longer limit them; user-data/ has it for nodes of your own launch template.`,
    ),
    "- EKS's own webhooks reach pods only on the host's network, or where the control plane knows the pods' range (`remoteNetworkConfig` is not for this).",
    "- Load balancers reach pods through node ports (`target-type: instance`); no security groups for pods, no flow logs by pod.",
    "- Nothing of this was simulated: slash28 knows the VPC CNI's pools.",
    "",
  ].join("\n");
}
