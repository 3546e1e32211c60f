import { attributesOf, nlbServices, podsBehind, SVC } from "../snapshot/load-balancing.ts";
import { groupBy, type ClusterView } from "../snapshot/cluster-view.ts";
import type { SeenService } from "../snapshot/kubernetes-objects.ts";
import { fact, objectOf, type Check } from "./check.ts";
import { NOTHING_MOVES } from "../effect/planned-effect.ts";

const ATTRIBUTE = "load_balancing.cross_zone.enabled";

export const nlbWithoutCrossZone: Check = {
  id: "nlb-without-cross-zone",
  title: "An NLB shares requests out by zone, and the zones have unequal numbers of pods",
  severity: "warning",
  explain:
    "A Network Load Balancer has an address in each zone, and without cross-zone balancing each sends to targets of its own zone only. Clients use the addresses evenly, so one pod alone in its zone gets as much as five together in theirs; a zone without pods answers nothing. It is told where the pods behind it are spread unevenly over the zones that have nodes. Traffic between zones costs money, so an even spread is the cheaper remedy.",
  needs: ["services", "pods", "nodes"],
  uses: [],
  find: (view) =>
    nlbServices(view).flatMap(({ service }) => {
      if (isCrossZone(service)) return [];
      const shares = podsByZone(view, service);
      const counts = shares.map(([, pods]) => pods);
      const [most, least] = [Math.max(...counts), Math.min(...counts)];
      if (shares.length < 2 || most === 0 || most === least) return [];
      const { namespace, name } = service;
      return [
        {
          objects: [objectOf("Service", service)],
          evidence: [
            fact(`${namespace}/${name} has no cross-zone balancing`, "false"),
            ...shares.map(([zone, pods]) => fact(`${zone}: ${pods} ready ${pods === 1 ? "pod" : "pods"} behind it`, pods)),
            least === 0
              ? fact("an address of the NLB may be in a zone without a pod")
              : fact(`a pod in the emptiest zone gets ${(most / least).toFixed(1)} times the requests of one in the fullest`, most / least),
          ],
          cause:
            "An NLB is zonal unless told otherwise: each zone gets the same share of connections. Zones with fewer pods give each of them more.",
          fix: {
            commands: [`kubectl annotate service -n ${namespace} ${name} --overwrite ${SVC}attributes=${withAttribute(service)}`],
            risk: "Traffic between zones is charged. The alternative is topologySpreadConstraints for the pods.",
            needsNodeReplacement: false,
          },
        },
      ];
    }),
  effect: () => NOTHING_MOVES,
};

function isCrossZone({ annotations }: SeenService): boolean {
  return (
    annotations[`${SVC}cross-zone-load-balancing-enabled`] === "true" || attributesOf(annotations[`${SVC}attributes`])[ATTRIBUTE] === "true"
  );
}

function withAttribute({ annotations }: SeenService): string {
  const attributes = { ...attributesOf(annotations[`${SVC}attributes`]), [ATTRIBUTE]: "true" };
  return Object.entries(attributes)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

/** Ready pods in each zone that has ready nodes. */
function podsByZone(view: ClusterView, service: SeenService): readonly (readonly [string, number])[] {
  const pods = podsBehind(view, service).filter(({ isReady }) => isReady);
  const zones = groupBy(
    view.nodes.filter(({ zone, node }) => zone !== undefined && node.isReady && !node.isFargate),
    ({ zone }) => zone ?? "",
  );
  return [...zones].map(([zone, nodes]) => {
    const names = new Set(nodes.map(({ name }) => name));
    return [zone, pods.filter(({ nodeName }) => nodeName !== undefined && names.has(nodeName)).length] as const;
  });
}
