import { RESOURCES } from "@slash28/kube";
import type { Nodegroup, NodeView } from "@slash28/node-groups";
import type { Kube, KubeObject } from "@slash28/ports";
import { privateDnsName, type Cloud, type Instance } from "@slash28/vpc";
import { isReady } from "../../kubernetes/controllers/index.ts";

export interface NodeObject extends KubeObject {
  readonly spec?: {
    readonly unschedulable?: boolean;
    readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

export interface PodObject extends KubeObject {
  readonly spec?: { readonly nodeName?: string };
  readonly status?: { readonly phase?: string };
}

/** A group's node with what the cluster says of it. */
export interface ObservedNode extends NodeView {
  readonly imageId: string;
  readonly object?: NodeObject;
  readonly pods: readonly PodObject[];
}

/** States of an instance that a group still counts as its own. One that is stopped waits to be started again. */
const THERE = new Set<Instance["state"]>(["pending", "running", "stopping", "stopped"]);
const RUNS = new Set<Instance["state"]>(["pending", "running"]);

export interface ObserveOptions {
  readonly cloud: Cloud;
  readonly kube: Kube;
  /** Why an instance will never join; empty as long as it may. */
  readonly problemsOf: (instanceId: string) => readonly string[];
}

/** The instances launched from the group's own template, whoever may call himself a member by tags. */
export function instancesOf(cloud: Cloud, { launch }: Nodegroup): readonly Instance[] {
  if (launch === undefined) return [];
  return cloud.view
    .instances()
    .filter((instance) => THERE.has(instance.state) && instance.tags["aws:ec2launchtemplate:id"] === launch.templateId);
}

export async function observeNodes(group: Nodegroup, options: ObserveOptions): Promise<readonly ObservedNode[]> {
  const { cloud, kube, problemsOf } = options;
  const instances = instancesOf(cloud, group);
  if (instances.length === 0) return [];
  const [nodes, pods] = await Promise.all([kube.list<NodeObject>(RESOURCES.nodes), kube.list<PodObject>(RESOURCES.pods)]);
  const objects = new Map(nodes.items.map((node) => [node.metadata.name, node]));
  const podsByNode = groupedByNode(pods.items.filter(mustMove));
  return instances.map((instance): ObservedNode => {
    const name = instance.privateAddress === undefined ? "" : privateDnsName(cloud.region, instance.privateAddress);
    const object = RUNS.has(instance.state) ? objects.get(name) : undefined;
    const own = object === undefined ? [] : (podsByNode.get(name) ?? []);
    return {
      instanceId: instance.id,
      zone: instance.zone,
      launchedAt: instance.launchedAt,
      launchVersion: Number(instance.tags["aws:ec2launchtemplate:version"]),
      imageId: instance.imageId,
      isReady: object !== undefined && isReady(object),
      isCordoned: object?.spec?.unschedulable === true,
      podsToMove: own.length,
      pods: own,
      problems: problemsOf(instance.id),
      ...(object === undefined ? {} : { nodeName: name, object }),
    };
  });
}

/** Pods of DaemonSets belong to their node; finished ones keep nobody. */
function mustMove(pod: PodObject): boolean {
  if (pod.spec?.nodeName === undefined || pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed") return false;
  return !(pod.metadata.ownerReferences ?? []).some(({ kind, controller }) => kind === "DaemonSet" && controller === true);
}

function groupedByNode(pods: readonly PodObject[]): ReadonlyMap<string, readonly PodObject[]> {
  const grouped = new Map<string, PodObject[]>();
  for (const pod of pods) {
    const name = pod.spec?.nodeName ?? "";
    const together = grouped.get(name);
    if (together === undefined) grouped.set(name, [pod]);
    else together.push(pod);
  }
  return grouped;
}
