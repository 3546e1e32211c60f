import { formatCidr4 } from "@slash28/address";
import type { Fix } from "../finding.ts";
import type { SeenSubnet } from "../snapshot/aws-objects.ts";
import type { ClusterView } from "../snapshot/cluster-view.ts";
import { subnetsInUse } from "../snapshot/pod-subnets.ts";
import { spaceOf } from "../snapshot/subnet-space.ts";
import { counted, fact, type Check } from "./check.ts";
import { ROLLOUT, setEnv } from "./commands.ts";
import { setEnvChange } from "./fleet-fixes.ts";
import { otherRoom } from "./other-room.ts";
import { podSubnetBeside } from "./pod-subnet-beside.ts";
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
      const elsewhere = otherRoom(view, subnet, nodes, ({ free }) => free);
      const logged = (view.snapshot.logSigns ?? []).filter(({ sign }) => sign === "InsufficientFreeAddressesInSubnet");
      return [
        {
          severity: waiting.length > 0 || (free === 0 && elsewhere.length === 0) ? ("critical" as const) : ("warning" as const),
          objects: [{ kind: "Subnet", name: subnet.id }],
          evidence: [
            fact(`${subnet.id} (${formatCidr4(subnet.cidr)}, ${subnet.zone}) has ${free} of ${usable} addresses free`, free),
            fact(`${counted(nodes.length, "node takes", "nodes take")} addresses of it`, nodes.length),
            ...(waiting.length > 0
              ? [
                  fact(
                    `${counted(waiting.length, "pod")} on them ${waiting.length === 1 ? "waits" : "wait"} for an address`,
                    waiting.length,
                  ),
                ]
              : []),
            ...elsewhere.map((other) =>
              fact(
                `new network interfaces of these nodes may be made in ${other.subnet.id}, which has ${other.room} addresses free`,
                other.room,
              ),
            ),
            ...logged.map(({ source, lines }) => fact(`${source} says InsufficientFreeAddressesInSubnet ${counted(lines, "time")}`, lines)),
          ],
          cause: `Nodes, pods and whatever else lives in ${subnet.id} hold ${usable - free} of its ${usable} addresses. More nodes do not help, for they take addresses of it, too.`,
          fix: fixOf(view, subnet),
        },
      ];
    }),
  effect: (view, { objects }) => {
    const subnet = view.snapshot.subnets?.find(({ id }) => objects.some(({ name }) => name === id));
    if (subnet === undefined) return { kind: "unknown", why: "the subnet is not in the snapshot" };
    const beside = podSubnetBeside(view, subnet)?.changes ?? [];
    return { kind: "simulate", changes: [...(isTight(view) ? [] : [setEnvChange(view, TIGHT_TARGETS)]), ...beside] };
  },
};

/** Whether the nodes keep few addresses ahead as it is. */
function isTight(view: ClusterView): boolean {
  return view.settings.pool.warmIpTarget !== undefined;
}

/** Warm addresses first, for they go back within minutes; then the space that lasts. */
function fixOf(view: ClusterView, subnet: SeenSubnet): Fix {
  const beside = podSubnetBeside(view, subnet);
  return {
    commands: [
      ...(isTight(view) ? [] : [setEnv(TIGHT_TARGETS), ROLLOUT]),
      ...(beside === undefined ? [] : [...beside.commands, ...beside.eniConfigPatches]),
    ],
    risk: `${isTight(view) ? "" : "Smaller warm pools let bursts of pods wait a second or two for EC2. "}The new subnet takes new network interfaces of running nodes; check that its route table leads where pods talk to.`,
    needsNodeReplacement: false,
  };
}
