import { parseQuantity } from "@slash28/kube-store";
import type { NodeSpec } from "./kubelet-options.ts";
import type { Container, DownwardItem, EnvValueFrom, Pod } from "./pod.ts";

/** A pod as its containers may ask about it. */
export interface PodView {
  readonly pod: Pod;
  readonly node: NodeSpec;
  /** The pod's address; absent before its sandbox has one. */
  readonly podIp?: string;
}

/** A field of the downward API; `undefined` when there is no such field. */
export function fieldValue(view: PodView, path: string): string | undefined {
  const { metadata, spec } = view.pod;
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (keyed !== null) return metadata[keyed[1] === "labels" ? "labels" : "annotations"]?.[keyed[2] ?? ""] ?? "";
  const { podIp = "" } = view;
  const fields: Readonly<Record<string, string>> = {
    "metadata.name": metadata.name,
    "metadata.namespace": metadata.namespace ?? "default",
    "metadata.uid": metadata.uid ?? "",
    "metadata.labels": asLines(metadata.labels),
    "metadata.annotations": asLines(metadata.annotations),
    "spec.nodeName": view.node.name,
    "spec.serviceAccountName": spec.serviceAccountName ?? "default",
    "status.hostIP": view.node.address,
    "status.hostIPs": view.node.address,
    "status.podIP": podIp,
    "status.podIPs": podIp,
  };
  return fields[path];
}

/** A container's limit or request, in units of the divisor; what is not limited is the node's whole. */
export function resourceValue(
  view: PodView,
  own: Container | undefined,
  ref: NonNullable<DownwardItem["resourceFieldRef"]>,
): string | undefined {
  const container = ref.containerName === undefined ? own : view.pod.spec.containers.find(({ name }) => name === ref.containerName);
  const [kind, resource] = ref.resource.split(".");
  if (container === undefined || resource === undefined || (kind !== "limits" && kind !== "requests")) return undefined;
  const whole: Readonly<Record<string, number>> = { cpu: view.node.vcpus, memory: view.node.memoryMib * 2 ** 20 };
  const set = container.resources?.[kind]?.[resource];
  const amount = set === undefined ? (kind === "limits" ? whole[resource] : 0) : parseQuantity(set);
  const divisor = parseQuantity(ref.divisor ?? "1");
  if (amount === undefined || divisor === undefined) return undefined;
  return String(Math.ceil(amount / (divisor === 0 ? 1 : divisor)));
}

export function downwardValue(
  view: PodView,
  own: Container | undefined,
  from: Pick<EnvValueFrom, "fieldRef" | "resourceFieldRef">,
): string | undefined {
  if (from.fieldRef !== undefined) return fieldValue(view, from.fieldRef.fieldPath);
  return from.resourceFieldRef === undefined ? undefined : resourceValue(view, own, from.resourceFieldRef);
}

function asLines(map: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(map ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join("\n");
}
