import { cidr4Size } from "@slash28/address";
import { nodeFacts, type PoolSettings } from "@slash28/ipam";
import { RESERVED_BY_AWS } from "@slash28/vpc";
import type { SeenSubnet } from "../snapshot/aws-objects.ts";
import { settledPool } from "../settled-pool.ts";
import { agentEnisOf, holdingsOf, poolPodsOf } from "../snapshot/node-holdings.ts";
import { groupBy, type ClusterView, type ViewNode } from "../snapshot/cluster-view.ts";
import { counted, fact, type Check, type Found } from "./check.ts";
import { ROLLOUT, setEnv } from "./commands.ts";
import { setEnvChange } from "./fleet-fixes.ts";

/** What is proposed: two free addresses per node, four in all. */
export const TIGHT_TARGETS = { WARM_ENI_TARGET: "0", WARM_IP_TARGET: "2", MINIMUM_IP_TARGET: "4" };
const TIGHT: Partial<PoolSettings> = { warmIpTarget: 2, minimumIpTarget: 4 };
/** It is told from this share of a subnet on: less is not worth slower bursts. */
const WORTH_A_SHARE = 0.1;

export const warmEnisHoarding: Check = {
  id: "warm-enis-hoarding",
  title: "Warm ENIs hold addresses that no pod uses",
  severity: "warning",
  explain:
    "WARM_ENI_TARGET=1, the default, keeps a whole spare ENI's worth of free addresses on every node: 14 on an m5.xlarge, 29 on an m5.4xlarge. On many nodes with few pods that empties a subnet nobody uses. It is found by comparing what the nodes' ENIs hold with what the agent's own planner would hold for the same pods with WARM_IP_TARGET=2 and MINIMUM_IP_TARGET=4, and told where the difference is 10 % of the subnet.",
  needs: ["nodes", "pods", "enis", "daemonSets", "subnets"],
  uses: ["instances", "instanceTypes"],
  find: (view) => {
    const { warmIpTarget, minimumIpTarget, prefixDelegation, warmEniTarget } = view.settings.pool;
    if (view.isIpv6 || prefixDelegation || warmIpTarget !== undefined || minimumIpTarget !== undefined || warmEniTarget === 0) return [];
    const used = view.nodes.flatMap((node) => {
      const [first] = agentEnisOf(node).filter(({ deviceIndex }) => !view.settings.pool.customNetworking || deviceIndex !== 0);
      const subnet = view.subnet(first?.subnetId);
      return subnet === undefined || node.limits === undefined ? [] : [{ node, subnet }];
    });
    return [...groupBy(used, ({ subnet }) => subnet)].flatMap(([subnet, members]) =>
      inSubnet(
        view,
        subnet,
        members.map(({ node }) => node),
      ),
    );
  },
  effect: (view) => ({ kind: "simulate", changes: [setEnvChange(view, TIGHT_TARGETS)] }),
};

function inSubnet(view: ClusterView, subnet: SeenSubnet, nodes: readonly ViewNode[]): readonly Found[] {
  const held = nodes.map((node) => holdingsOf(node));
  const holds = sum(held.map((each) => each.held));
  const assigned = sum(held.map((each) => each.assigned));
  const wouldHold = wouldHoldIn(view);
  const back = sum(nodes.map((node, at) => Math.max(0, (held[at]?.held ?? 0) - wouldHold(node))));
  const usable = cidr4Size(subnet.cidr) - RESERVED_BY_AWS;
  if (back < usable * WORTH_A_SHARE) return [];
  return [
    {
      objects: [{ kind: "Subnet", name: subnet.id }],
      evidence: [
        fact(`${counted(nodes.length, "node")} hold ${holds} addresses for pods in ${subnet.id}`, holds),
        fact(`pods have ${assigned} of them, ${holds - assigned} are idle`, holds - assigned),
        fact(`the setting is WARM_ENI_TARGET=${view.settings.pool.warmEniTarget}`, view.settings.pool.warmEniTarget),
        fact(`with WARM_IP_TARGET=2 and MINIMUM_IP_TARGET=4 the same pods need ${holds - back}: ${back} go back`, back),
        fact(`${subnet.free} of the subnet's ${usable} addresses are free`, subnet.free),
      ],
      cause: "WARM_ENI_TARGET keeps a spare ENI full of addresses on every node, whatever its pods need. The subnet counts them as taken.",
      fix: {
        commands: [setEnv(TIGHT_TARGETS), ROLLOUT],
        risk: "A node keeps two addresses ready: more pods at once wait a second or two for EC2, and a busy fleet calls EC2 more often.",
        needsNodeReplacement: false,
      },
    },
  ];
}

/** What a node's pool would come to; nodes of one type with as many pods come to the same. */
function wouldHoldIn(view: ClusterView): (node: ViewNode) => number {
  const known = new Map<string, number>();
  return (node) => {
    const { limits } = node;
    if (limits === undefined) return 0;
    const pods = poolPodsOf(node);
    const { maxPods = Number.MAX_SAFE_INTEGER } = node.node;
    const key = `${limits.type} ${maxPods} ${pods}`;
    const held = known.get(key) ?? settledPool(nodeFacts(limits, maxPods), { ...view.settings.pool, ...TIGHT }, pods).held;
    known.set(key, held);
    return held;
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
