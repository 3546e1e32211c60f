import { nodeFacts } from "@slash28/ipam";
import { maxPodsOf } from "@slash28/limits";
import { settledPool } from "../settled-pool.ts";
import { agentEnisOf, holdingsOf, poolPodsOf } from "../snapshot/node-holdings.ts";
import { waitsForAddress, type ClusterView, type ViewNode } from "../snapshot/cluster-view.ts";
import { counted, fact, objectOf, type Check, type Found } from "./check.ts";
import { ROLLOUT, setEnv } from "./commands.ts";
import { unknownEffect } from "../effect/planned-effect.ts";
import { replaceGroups, setEnvChange } from "./fleet-fixes.ts";
import { drain, replaceNodeCommands } from "./replace-node-commands.ts";

const PREFIXES = { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1" };

export const instanceAddressLimit: Check = {
  id: "instance-address-limit",
  title: "A node has every ENI and address that its instance type allows",
  severity: "critical",
  explain:
    "An instance type has so many ENIs, and each ENI so many addresses (m5.large: 3 × 10, one of each for the ENI itself). When all of them are in use, a further pod on the node waits for ever, however much room its subnet has. It happens where max pods is above what the type can address, as with custom networking, which takes the primary ENI away. It is found by asking the agent's own planner how many of the node's pods get an address.",
  needs: ["nodes", "pods"],
  uses: ["enis", "instances", "instanceTypes", "daemonSets"],
  find: (view) => (view.isIpv6 ? [] : view.nodes.flatMap((node) => ofNode(view, node))),
  effect: (view, { objects }) => {
    const node = view.nodes.find(({ name }) => objects.some((object) => object.name === name));
    if (node === undefined || view.settings.pool.prefixDelegation)
      return unknownEffect("where the pods of a drained node find room depends on the CPU and memory of the others");
    return {
      kind: "simulate",
      changes: [setEnvChange(view, PREFIXES), ...replaceGroups(view, [node], { maxPods: prefixMaxPods })],
    };
  },
};

function prefixMaxPods({ limits }: ViewNode): number | undefined {
  if (limits === undefined) return undefined;
  const result = maxPodsOf({ instance: limits, cniVersion: "1.21.0", prefixDelegation: true });
  return result.ok ? result.value.maxPods : undefined;
}

function ofNode(view: ClusterView, node: ViewNode): readonly Found[] {
  const { limits, name } = node;
  if (limits === undefined || node.node.isFargate) return [];
  const { pool } = view.settings;
  const pods = poolPodsOf(node);
  const waiting = node.pods.filter((pod) => waitsForAddress(pod) && !pod.wantsBranchEni).length;
  // Most nodes of a large cluster end here, without asking the planner.
  if (waiting === 0) return [];
  const reservedEnis = node.enis.length - agentEnisOf(node).length;
  const facts = nodeFacts(limits, Math.max(node.node.maxPods ?? 0, pods), { reservedEnis });
  const { withoutAddress } = settledPool(facts, pool, pods);
  if (withoutAddress === 0) return [];
  const { held } = holdingsOf(node);
  const roomier = maxPodsOf({ instance: limits, cniVersion: "1.21.0", prefixDelegation: true, customNetworking: pool.customNetworking });
  const usesPrefixes = pool.prefixDelegation && facts.holdsPrefixes;
  const more = roomier.ok ? ` (with prefixes up to ${roomier.value.maxPods} pods)` : "";
  return [
    {
      objects: [objectOf("Node", { name })],
      evidence: [
        fact(
          `${name} is ${limits.type}: ${limits.maxEnis} ENIs with ${limits.ipv4PerEni} addresses each`,
          `${limits.maxEnis} × ${limits.ipv4PerEni}`,
        ),
        ...(reservedEnis > 0 ? [fact(`${counted(reservedEnis, "of its ENIs is", "of its ENIs are")} not the agent's`, reservedEnis)] : []),
        fact(`${pods} of its pods need an address, ${pods - withoutAddress} can have one`, pods - withoutAddress),
        ...(view.snapshot.enis === undefined ? [] : [fact(`its ENIs hold ${held} addresses for pods`, held)]),
        fact(`${counted(waiting, "pod")} on it ${waiting === 1 ? "waits" : "wait"} for an address`, waiting),
        ...(node.node.maxPods === undefined ? [] : [fact(`its kubelet takes up to ${node.node.maxPods} pods`, node.node.maxPods)]),
      ],
      cause: `${limits.type} has no slot left for another address, and kubelet's max pods lets the scheduler put more pods on the node than it can address. Its subnet has nothing to do with it.`,
      fix: usesPrefixes
        ? {
            commands: drain(name),
            risk: "Draining moves every pod of the node. Put a node of a larger type, or with a lower max pods, in its place.",
            needsNodeReplacement: true,
          }
        : {
            commands: [setEnv(PREFIXES), ROLLOUT, ...replaceNodeCommands(view, [node])],
            risk: `Prefixes need whole free /28s in the subnet and a Nitro type${more}. A node that is full has no slot for one, so the whole node group is replaced: its pods move, within their PodDisruptionBudgets.`,
            needsNodeReplacement: true,
          },
    },
  ];
}
