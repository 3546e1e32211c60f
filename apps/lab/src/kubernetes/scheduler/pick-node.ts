import type { Node, PersistentVolume, Pod, PodSpec, Taint } from "../controllers/objects/index.ts";
import { NODE_TAINTS } from "../node-taints.ts";
import { neighboursOf } from "./neighbours.ts";
import { matchesNodeAffinity, nodePreference, tolerates, untoleratedTaint } from "./node-fit.ts";
import type { NodeLoad } from "./node-load.ts";
import type { NamespaceLabels } from "./pod-terms.ts";
import { volumeMisfits } from "./pod-volumes.ts";
import { quantity } from "./quantity.ts";
import { hostPorts, podRequests } from "./requests.ts";
import type { Amounts } from "./requests.ts";
import { spreadOf } from "./spread.ts";

export type Pick =
  | { readonly kind: "node"; readonly node: string }
  /** Why not, per node, and in one sentence as `kubectl describe pod` shows it. */
  | { readonly kind: "none"; readonly reasons: ReadonlyMap<string, readonly string[]>; readonly message: string };

export interface PickRequest {
  readonly pod: Pod;
  readonly nodes: readonly Node[];
  /** What already runs on each node, by node name; a node without an entry is empty. */
  readonly loads: ReadonlyMap<string, NodeLoad>;
  /** The volumes its claims have got. */
  readonly volumes?: readonly PersistentVolume[];
  /** Absent: terms that select namespaces by label see none. */
  readonly namespaceLabels?: NamespaceLabels;
}

/**
 * The node a pod goes to: among those it fits on the ones it likes best, then the one with the fewest pods, then in the zone with the fewest pods, then by
 * name. Ties are broken without chance, so a run can be repeated.
 */
export function pickNode(request: PickRequest): Pick {
  const { pod, nodes, loads, volumes = [], namespaceLabels = () => undefined } = request;
  const wants = podRequests(pod.spec);
  const spread = spreadOf(pod, nodes, loads);
  const neighbours = neighboursOf({ pod, nodes, loads, namespaceLabels });
  const reasons = new Map<string, readonly string[]>();
  const fitting: Node[] = [];
  for (const node of nodes) {
    const misfits = firstOf(
      () => misfitsOf(pod.spec, wants, node, loads.get(node.metadata.name)),
      () => volumeMisfits(volumes, node),
      () => spread.misfits(node),
      () => neighbours.misfits(node),
    );
    if (misfits.length === 0) fitting.push(node);
    else reasons.set(node.metadata.name, misfits);
  }
  const liking = (node: Node): number => nodePreference(pod.spec, node) + neighbours.score(node) - spread.crowd(node);
  const most = Math.max(...fitting.map(liking));
  const best = emptiest(
    fitting.filter((node) => liking(node) === most),
    nodes,
    loads,
  );
  if (best !== undefined) return { kind: "node", node: best.metadata.name };
  return { kind: "none", reasons, message: unschedulableMessage(nodes.length, reasons) };
}

function firstOf(...checks: readonly (() => readonly string[])[]): readonly string[] {
  for (const check of checks) {
    const misfits = check();
    if (misfits.length > 0) return misfits;
  }
  return [];
}

/** Why a pod may not run on a node, in the scheduler's well-known words; empty when it may. The first kind of reason found is given alone. */
export function misfitsOf(spec: PodSpec, wants: Amounts, node: Node, load: NodeLoad | undefined): readonly string[] {
  const { name } = node.metadata;
  if (spec.nodeName !== undefined && spec.nodeName !== "" && spec.nodeName !== name) {
    return ["node(s) didn't match the requested node name"];
  }
  if (node.spec?.unschedulable === true && !toleratesUnschedulable(spec)) return ["node(s) were unschedulable"];
  const taint = untoleratedTaint(spec.tolerations, node, ["NoSchedule", "NoExecute"]);
  if (taint !== undefined) return [`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ""}}`];
  if (!matchesNodeAffinity(spec, node)) return ["node(s) didn't match Pod's node affinity/selector"];
  if (hostPorts(spec).some((port) => load?.hostPorts.has(port) === true)) {
    return ["node(s) didn't have free ports for the requested pod ports"];
  }
  return shortages(wants, node, load);
}

const UNSCHEDULABLE: Taint = { key: NODE_TAINTS.unschedulable, effect: "NoSchedule" };

function toleratesUnschedulable(spec: PodSpec): boolean {
  return (spec.tolerations ?? []).some((toleration) => tolerates(toleration, UNSCHEDULABLE));
}

function shortages(wants: Amounts, node: Node, load: NodeLoad | undefined): readonly string[] {
  const short: string[] = [];
  for (const [resource, amount] of wants) {
    const room = quantity(node.status?.allocatable?.[resource]) - (load?.amounts.get(resource) ?? 0);
    // A pod that asks for nothing of a resource fits on a node that has none of it left.
    if (amount === 0 || amount <= room + 1e-9) continue;
    short.push(resource === "pods" ? "Too many pods" : `Insufficient ${resource}`);
  }
  return short;
}

function emptiest(fitting: readonly Node[], nodes: readonly Node[], loads: PickRequest["loads"]): Node | undefined {
  const podsOn = (node: Node): number => loads.get(node.metadata.name)?.amounts.get("pods") ?? 0;
  const perZone = new Map<string, number>();
  for (const node of nodes) perZone.set(zoneOf(node), (perZone.get(zoneOf(node)) ?? 0) + podsOn(node));
  let best: Node | undefined;
  for (const node of fitting) {
    if (best === undefined) {
      best = node;
      continue;
    }
    const fewer = podsOn(node) - podsOn(best) || (perZone.get(zoneOf(node)) ?? 0) - (perZone.get(zoneOf(best)) ?? 0);
    if (fewer < 0 || (fewer === 0 && node.metadata.name < best.metadata.name)) best = node;
  }
  return best;
}

function zoneOf(node: Node): string {
  return node.metadata.labels?.["topology.kubernetes.io/zone"] ?? "";
}

/** `0/3 nodes are available: 1 Insufficient cpu, 2 Too many pods.` */
export function unschedulableMessage(total: number, reasons: ReadonlyMap<string, readonly string[]>): string {
  if (total === 0) return "no nodes available to schedule pods";
  const counts = new Map<string, number>();
  for (const reason of [...reasons.values()].flat()) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const parts = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
  return `0/${total} nodes are available: ${parts.join(", ")}.`;
}
