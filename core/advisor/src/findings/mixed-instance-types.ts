import { leastMaxPods, limitsOf, maxPodsOf } from "@slash28/limits";
import { groupBy, type ClusterView, type ViewNode } from "../snapshot/cluster-view.ts";
import { fact, type Check } from "./check.ts";
import { unknownEffect } from "../effect/planned-effect.ts";
import { clusterName } from "./cluster-name.ts";
import { placeOfGroup } from "./place-of-group.ts";
import { replaceGroups } from "./fleet-fixes.ts";

export const mixedInstanceTypes: Check = {
  id: "mixed-instance-types",
  title: "A node group has instance types that can run different numbers of pods",
  severity: "info",
  explain:
    "A managed node group gives all its nodes one max pods: the least of its instance types'. A large type beside a small one stands half empty. With a launch template of your own the largest may be given to all, and the small nodes then take pods they have no address for. Types with the same number, such as m5.xlarge and m5a.xlarge, harm nobody.",
  needs: ["nodes"],
  uses: ["nodeGroups", "instances", "daemonSets"],
  find: (view) =>
    [...typesByGroup(view)].flatMap(([group, types]) => {
      const { prefixDelegation, customNetworking } = view.settings.pool;
      const asked = { cniVersion: "1.21.0", prefixDelegation, customNetworking };
      const known = [...types].filter((type) => limitsOf(type) !== undefined).toSorted();
      const each = known.flatMap((instance) => {
        const result = maxPodsOf({ ...asked, instance });
        return result.ok ? [{ type: instance, maxPods: result.value.maxPods }] : [];
      });
      const least = leastMaxPods(known, asked);
      if (!least.ok || new Set(each.map(({ maxPods }) => maxPods)).size < 2) return [];
      const best = Math.max(...each.map(({ maxPods }) => maxPods));
      return [
        {
          objects: [{ kind: "NodeGroup", name: group }],
          evidence: [
            ...each.map(({ type, maxPods }) => fact(`${type} can run ${maxPods} pods`, maxPods)),
            fact(`the whole group gets ${least.value.maxPods}, the least of them`, least.value.maxPods),
          ],
          cause: `${group} has types of ${least.value.maxPods} to ${best} pods, and one max pods for all. Either the larger ones stand half empty, or the smaller ones take more pods than they have addresses for.`,
          fix: {
            commands: evenGroup(
              view,
              group,
              each.flatMap(({ type, maxPods }) => (maxPods === best ? [type] : [])),
            ),
            risk: "The new group has as many nodes as the old one, which may be more than larger types need; the old one's pods move when it is deleted. Spot capacity is harder to get from fewer types: take more types of the same size instead.",
            needsNodeReplacement: true,
          },
        },
      ];
    }),
  effect: (view, { objects }) => {
    const nodes = nodesOf(view, objects[0]?.name ?? "");
    const best = bestOf(view, typesByGroup(view).get(objects[0]?.name ?? "") ?? new Set());
    const [type] = best.types;
    if (type === undefined || nodes.length === 0) return unknownEffect("the group has no nodes");
    return { kind: "simulate", changes: replaceGroups(view, nodes, { instanceType: type, maxPods: () => best.maxPods }) };
  },
};

/** The types that a group may have, by EKS's word, and those that its nodes have. Karpenter gives each node its own number: its pools do not count. */
function typesByGroup(view: ClusterView): ReadonlyMap<string, ReadonlySet<string>> {
  const groups = new Map<string, Set<string>>(
    (view.snapshot.nodeGroups ?? []).map(({ name, instanceTypes }) => [name, new Set(instanceTypes)]),
  );
  const members = view.nodes.filter(({ node }) => node.labels["karpenter.sh/nodepool"] === undefined && node.nodeGroup !== undefined);
  for (const [group, nodes] of groupBy(members, ({ node }) => node.nodeGroup ?? "")) {
    const types = groups.get(group) ?? new Set();
    for (const { type } of nodes) if (type !== undefined) types.add(type);
    groups.set(group, types);
  }
  return groups;
}

function nodesOf(view: ClusterView, group: string): readonly ViewNode[] {
  return view.nodes.filter(({ node }) => node.nodeGroup === group);
}

/** The types that can run most pods. */
function bestOf(view: ClusterView, types: ReadonlySet<string>): { readonly types: readonly string[]; readonly maxPods: number } {
  const { prefixDelegation, customNetworking } = view.settings.pool;
  const each = [...types].toSorted().flatMap((instance) => {
    const result = maxPodsOf({ cniVersion: "1.21.0", prefixDelegation, customNetworking, instance });
    return result.ok ? [{ instance, maxPods: result.value.maxPods }] : [];
  });
  const most = Math.max(0, ...each.map(({ maxPods }) => maxPods));
  return { types: each.flatMap(({ instance, maxPods }) => (maxPods === most ? [instance] : [])), maxPods: most };
}

/** A group like this one with these types only, and then no more of this one. */
function evenGroup(view: ClusterView, group: string, types: readonly string[]): readonly string[] {
  const cluster = clusterName(view);
  const nodes = Math.max(1, nodesOf(view, group).length);
  const size = `--scaling-config minSize=1,maxSize=${nodes * 2},desiredSize=${nodes}`;
  return [
    `aws eks create-nodegroup --cluster-name ${cluster} --nodegroup-name ${group}-even --instance-types ${types.join(" ")} ${size} ${placeOfGroup(view, group)}`,
    `aws eks wait nodegroup-active --cluster-name ${cluster} --nodegroup-name ${group}-even`,
    `aws eks delete-nodegroup --cluster-name ${cluster} --nodegroup-name ${group}`,
  ];
}
