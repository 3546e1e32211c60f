import type { Fix } from "../finding.ts";
import { eniConfigNameOf, podSubnetsOf } from "../snapshot/pod-subnets.ts";
import { groupBy, usesPool, waitsForAddress, type ClusterView } from "../snapshot/cluster-view.ts";
import { counted, fact, named, type Check } from "./check.ts";
import { eniConfigManifest } from "./eni-config-manifest.ts";
import { newPodSubnets, podSubnetChanges, type NewPodSubnet } from "./new-pod-subnet.ts";

export const podsInOneZone: Check = {
  id: "pods-in-one-zone",
  title: "Pods get addresses in one zone only",
  severity: "critical",
  explain:
    "Nodes are in several zones, yet pods run in one: the other zones' subnets have no address left, or the ENIConfig of those zones is missing. The cluster then has the resilience of one zone. It is found where every pod that has an address is in one zone, and pods wait, or subnets are full, in the others.",
  needs: ["nodes", "pods", "subnets"],
  uses: ["enis", "eniConfigs", "daemonSets"],
  find: (view) => {
    const byZone = groupBy(
      view.nodes.filter(({ zone, node }) => zone !== undefined && node.isReady && !node.isFargate),
      ({ zone }) => zone ?? "",
    );
    if (byZone.size < 2) return [];
    const zones = [...byZone].map(([zone, nodes]) => {
      const pods = nodes.flatMap((node) => node.pods).filter(usesPool);
      const free = [...new Set(nodes.flatMap((node) => podSubnetsOf(view, node)))].reduce((sum, subnet) => sum + subnet.free, 0);
      return {
        zone,
        nodes: nodes.length,
        addressed: pods.filter(({ addresses }) => addresses.length > 0).length,
        waiting: pods.filter(waitsForAddress).length,
        free,
      };
    });
    const served = zones.filter(({ addressed }) => addressed > 0);
    const starved = zones.filter(({ addressed, waiting, free }) => addressed === 0 && (waiting > 0 || free === 0));
    const [only] = served;
    if (served.length !== 1 || only === undefined || starved.length === 0) return [];
    return [
      {
        objects: starved.map(({ zone }) => ({ kind: "Zone", name: zone })),
        evidence: [
          fact(`all ${counted(only.addressed, "pod")} with an address are in ${only.zone}`, only.addressed),
          ...starved.map(({ zone, nodes, waiting, free }) =>
            fact(
              `${zone}: ${counted(nodes, "ready node")}, no pod with an address, ${waiting} waiting, ${free} addresses free for pods`,
              free,
            ),
          ),
        ],
        cause: `The subnets that pods of ${named(starved.map(({ zone }) => zone))} take addresses of have none to give, or none are named for them. Kubernetes knows nothing of addresses, so it goes on placing pods there that cannot start.`,
        fix: fixOf(
          view,
          starved.map(({ zone }) => zone),
        ),
      },
    ];
  },
  effect: (view, { objects }) => {
    const made = subnetsFor(
      view,
      objects.map(({ name }) => name),
    );
    return { kind: "simulate", changes: podSubnetChanges(view, made) };
  },
};

function subnetsFor(view: ClusterView, zones: readonly string[]): readonly NewPodSubnet[] {
  const hasCniTag = !view.settings.pool.customNetworking;
  const vpcId = view.snapshot.cluster?.vpcId ?? view.nodes.flatMap(({ subnet }) => subnet?.vpcId ?? [])[0];
  return newPodSubnets(
    view,
    zones.map((zone) => ({ zone, vpcId, hasCniTag })),
  );
}

function fixOf(view: ClusterView, zones: readonly string[]): Fix {
  const made = subnetsFor(view, zones);
  const commands = made.flatMap(({ commands, variable, change }) => {
    const nodes = view.nodes.filter(({ zone }) => zone === change.subnet.zone);
    const configs = [...new Set(nodes.map(({ node }) => eniConfigNameOf(view, node)))];
    return [
      ...commands,
      ...(view.settings.pool.customNetworking ? configs.map((name) => eniConfigManifest(name, `$${variable}`, nodes)) : []),
    ];
  });
  return {
    commands,
    risk: "Pods that wait start as soon as their node has made a network interface in the new subnet. Check that its route table leads where pods talk to.",
    needsNodeReplacement: false,
  };
}
