import { listOf, own, type Fields } from "@slash28/kube-store";

/** Types whose ports may have node ports. */
export function hasNodePorts(spec: Fields): boolean {
  return own(spec, "type") === "NodePort" || own(spec, "type") === "LoadBalancer";
}

/** Whether a service can be reached from outside of its cluster. */
export function isReachable(spec: Fields): boolean {
  return hasNodePorts(spec) || listOf(own(spec, "externalIPs")).length > 0;
}
