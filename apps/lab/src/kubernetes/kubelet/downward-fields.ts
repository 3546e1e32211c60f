import type { NodeSpec } from "./kubelet-options.ts";
import type { Container, DownwardItem, EnvValueFrom, Pod } from "./pod.ts";
import { readQuantity } from "./quantity.ts";

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
  switch (path) {
    case "metadata.name":
      return metadata.name;
    case "metadata.namespace":
      return metadata.namespace ?? "default";
    case "metadata.uid":
      return metadata.uid ?? "";
    case "metadata.labels":
      return asLines(metadata.labels);
    case "metadata.annotations":
      return asLines(metadata.annotations);
    case "spec.nodeName":
      return view.node.name;
    case "spec.serviceAccountName":
      return spec.serviceAccountName ?? "default";
    case "status.hostIP":
    case "status.hostIPs":
      return view.node.address;
    case "status.podIP":
    case "status.podIPs":
      return view.podIp ?? "";
    default:
      return undefined;
  }
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
  const amount = set === undefined ? (kind === "limits" ? whole[resource] : 0) : readQuantity(set);
  const divisor = readQuantity(ref.divisor ?? "1");
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
