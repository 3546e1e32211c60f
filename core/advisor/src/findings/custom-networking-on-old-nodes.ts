import { agentEnisOf } from "../snapshot/node-holdings.ts";
import { eniConfigOf } from "../snapshot/pod-subnets.ts";
import { usesPool, type ClusterView, type ViewNode } from "../snapshot/cluster-view.ts";
import { counted, fact, named, objectOf, type Check } from "./check.ts";
import { replaceGroups } from "./fleet-fixes.ts";
import { replaceNodeCommands } from "./replace-node-commands.ts";

export const customNetworkingOnOldNodes: Check = {
  id: "custom-networking-on-old-nodes",
  title: "Custom networking is on, and nodes from before go on as before",
  severity: "warning",
  explain:
    "Custom networking holds for ENIs that are made after it was switched on. A node that had ENIs in its own subnet keeps them, and its pods their addresses: the subnet that was to be relieved stays as full as it was until the node is replaced. It is found where ENIs for pods, or pods' addresses, are in the node's own subnet although its ENIConfig names another.",
  needs: ["nodes", "enis", "daemonSets", "subnets"],
  uses: ["eniConfigs", "pods"],
  find: (view) => {
    if (!view.settings.pool.customNetworking) return [];
    const old = view.nodes.map((node) => ({ node, ...leftIn(view, node) })).filter(({ enis, pods }) => enis + pods > 0);
    if (old.length === 0) return [];
    const total = (of: (each: (typeof old)[number]) => number): number => old.reduce((sum, each) => sum + of(each), 0);
    const groups = [...new Set(old.flatMap(({ node }) => node.node.nodeGroup ?? []))];
    return [
      {
        objects: old.map(({ node: { name } }) => objectOf("Node", { name })),
        evidence: [
          fact("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG is true", "true"),
          fact(
            `${old.length} of ${counted(view.nodes.length, "node")} have ${counted(
              total(({ enis }) => enis),
              "ENI",
            )} for pods in their own subnet`,
            total(({ enis }) => enis),
          ),
          fact(
            `${counted(
              total(({ pods }) => pods),
              "pod",
            )} on them have addresses of it`,
            total(({ pods }) => pods),
          ),
        ],
        cause:
          "These nodes were made before custom networking was switched on, and a network interface never changes its subnet. Their pods go on taking addresses of the nodes' subnet.",
        fix: {
          commands: replaceNodeCommands(
            view,
            old.map(({ node }) => node),
          ),
          risk: `Every node of ${groups.length === 0 ? "these" : named(groups)} is replaced, and its pods move within their PodDisruptionBudgets. New nodes take fewer pods without prefixes: their first network interface takes none.`,
          needsNodeReplacement: true,
        },
      },
    ];
  },
  effect: (view, { objects }) => ({
    kind: "simulate",
    changes: replaceGroups(
      view,
      view.nodes.filter(({ name }) => objects.some((object) => object.name === name)),
    ),
  }),
};

function leftIn(view: ClusterView, node: ViewNode): { readonly enis: number; readonly pods: number } {
  const { subnet } = node;
  // An ENIConfig may well name the node's own subnet.
  if (subnet === undefined || eniConfigOf(view, node.node)?.subnetId === subnet.id) return { enis: 0, pods: 0 };
  const own = agentEnisOf(node).filter(({ subnetId }) => subnetId === subnet.id);
  const addresses = new Set(own.flatMap((eni) => eni.addresses));
  const blocks = own.flatMap(({ prefixes }) => prefixes.map(({ base }) => base));
  const pods = node.pods.filter(
    (pod) =>
      usesPool(pod) &&
      pod.addresses.some((address) => addresses.has(address) || blocks.some((base) => address >= base && address < base + 16)),
  );
  return { enis: own.filter(({ deviceIndex }) => deviceIndex !== 0).length, pods: pods.length };
}
