import { formatCidr4 } from "@slash28/address";
import type { Fix } from "../finding.ts";
import type { ClusterView } from "../snapshot/cluster-view.ts";
import { subnetsInUse } from "../snapshot/pod-subnets.ts";
import { spaceOf } from "../snapshot/subnet-space.ts";
import { counted, fact, type Check } from "./check.ts";
import { setEnv } from "./commands.ts";
import { addPodSubnet, setEnvChange } from "./fleet-fixes.ts";
import { TIGHT_TARGETS } from "./warm-enis-hoarding.ts";

/** Below this share of free addresses a subnet counts as nearly full: what a few nodes' warm pools take. */
const NEARLY_FULL = 0.05;

export const subnetFull: Check = {
  id: "subnet-full",
  title: "A subnet that nodes or pods use has no addresses left",
  severity: "critical",
  explain:
    "Every pod takes an address of its node's subnet, or of its ENIConfig's. When the subnet has none left, ipamd logs InsufficientFreeAddressesInSubnet and new pods stay in ContainerCreating, while nodes have CPU to spare. It is found from AvailableIpAddressCount: none free, or less than 5 % of what the subnet has.",
  needs: ["subnets", "nodes"],
  uses: ["enis", "instances", "daemonSets", "eniConfigs", "pods", "events", "logSigns"],
  find: (view) =>
    subnetsInUse(view).flatMap(({ subnet, nodes }) => {
      const { usable, free, freeShare } = spaceOf(view, subnet);
      if (free > 0 && freeShare >= NEARLY_FULL) return [];
      const names = new Set(nodes.map(({ name }) => name));
      const waiting = view.waitingPods.filter(({ nodeName }) => nodeName !== undefined && names.has(nodeName));
      const logged = (view.snapshot.logSigns ?? []).filter(({ sign }) => sign === "InsufficientFreeAddressesInSubnet");
      return [
        {
          severity: free === 0 || waiting.length > 0 ? ("critical" as const) : ("warning" as const),
          objects: [{ kind: "Subnet", name: subnet.id }],
          evidence: [
            fact(`${subnet.id} (${formatCidr4(subnet.cidr)}, ${subnet.zone}) has ${free} of ${usable} addresses free`, free),
            fact(`${counted(nodes.length, "node")} take addresses of it`, nodes.length),
            ...(waiting.length > 0 ? [fact(`${counted(waiting.length, "pod")} on them wait for an address`, waiting.length)] : []),
            ...logged.map(({ source, lines }) => fact(`${source} says InsufficientFreeAddressesInSubnet ${counted(lines, "time")}`, lines)),
          ],
          cause: `Nodes, pods and whatever else lives in ${subnet.id} hold ${usable - free} of its ${usable} addresses. More nodes do not help: they take addresses of it, too.`,
          fix: fixOf(view, subnet.vpcId ?? "<vpc>", subnet.zone),
        },
      ];
    }),
  fleetFix: (view, { objects }) => {
    const zone = view.snapshot.subnets?.find(({ id }) => objects.some(({ name }) => name === id))?.zone;
    const added = zone === undefined || view.settings.pool.customNetworking ? [] : addPodSubnet(view, zone);
    return [...(isTight(view) ? [] : [setEnvChange(view, TIGHT_TARGETS)]), ...added];
  },
};

/** Whether the nodes keep few addresses ahead as it is. */
function isTight(view: ClusterView): boolean {
  return view.settings.pool.warmIpTarget !== undefined;
}

/** Warm addresses first, for they go back within minutes; then the space that lasts. */
function fixOf(view: ClusterView, vpcId: string, zone: string): Fix {
  const isCustom = view.settings.pool.customNetworking;
  const tag = isCustom ? "" : " --tag-specifications 'ResourceType=subnet,Tags=[{Key=kubernetes.io/role/cni,Value=1}]'";
  return {
    commands: [
      ...(isTight(view) ? [] : [setEnv(TIGHT_TARGETS)]),
      `aws ec2 associate-vpc-cidr-block --vpc-id ${vpcId} --cidr-block 100.64.0.0/16`,
      `aws ec2 create-subnet --vpc-id ${vpcId} --cidr-block 100.64.0.0/19 --availability-zone ${zone}${tag}`,
      ...(isCustom ? [`kubectl patch eniconfig ${zone} --type merge -p '{"spec":{"subnet":"<new-subnet>"}}'`] : []),
    ],
    risk: "Smaller warm pools let bursts of pods wait a second or two for EC2. A tagged subnet takes new ENIs of running nodes; check that its route table leads where pods talk to.",
    needsNodeReplacement: isCustom && isTight(view),
  };
}
