import { at, fieldsOf, listOf, own, sameJson, withField, type Fields, type KubeObject } from "@slash28/kube-store";

import { hasNodePorts, isReachable } from "./service-type.ts";

/** Fields that only some types of services have, and when one has them. */
const BOUND_FIELDS: readonly { readonly fields: readonly string[]; readonly isOf: (spec: Fields) => boolean }[] = [
  {
    fields: ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"],
    isOf: (spec) => own(spec, "type") !== "ExternalName",
  },
  { fields: ["externalTrafficPolicy"], isOf: isReachable },
  { fields: ["allocateLoadBalancerNodePorts", "loadBalancerClass"], isOf: (spec) => own(spec, "type") === "LoadBalancer" },
  {
    fields: ["healthCheckNodePort"],
    isOf: (spec) => own(spec, "type") === "LoadBalancer" && own(spec, "externalTrafficPolicy") === "Local",
  },
];

/**
 * A service without what its former type left behind: whoever changes the type alone need not know which fields go with it. What a
 * client has changed itself stays, to be refused.
 */
export function withoutLeftovers(spec: Fields, before: KubeObject | undefined): Fields {
  const had = fieldsOf(before?.["spec"]);
  const cleared = BOUND_FIELDS.filter(({ isOf }) => isOf(had) && !isOf(spec))
    .flatMap(({ fields }) => fields)
    .filter((name) => own(spec, name) !== undefined && sameJson(own(spec, name), own(had, name)))
    .reduce((left, name) => withField(left, name, undefined), spec);
  return hasNodePorts(had) && !hasNodePorts(cleared) ? withoutNodePorts(cleared, had) : cleared;
}

function withoutNodePorts(spec: Fields, had: Fields): Fields {
  const known = new Set(listOf(own(had, "ports")).map((port) => at(port, "nodePort")));
  const ports = listOf(own(spec, "ports")).map((port) =>
    known.has(at(port, "nodePort")) ? withField(fieldsOf(port), "nodePort", undefined) : port,
  );
  return withField(spec, "ports", ports);
}
