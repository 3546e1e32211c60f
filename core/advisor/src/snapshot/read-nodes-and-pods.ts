import { asId, parseIpv4, type InstanceId } from "@slash28/address";
import { z } from "zod";
import { listOf, maybe, text, texts } from "./item-reader.ts";
import type { SeenNode, SeenPod } from "./kubernetes-objects.ts";
import { present } from "./present-fields.ts";

const ZONE_LABELS = ["topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"];
const TYPE_LABELS = ["node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"];
const GROUP_LABELS = ["eks.amazonaws.com/nodegroup", "alpha.eksctl.io/nodegroup-name", "karpenter.sh/nodepool"];
const BRANCH_RESOURCE = "vpc.amazonaws.com/pod-eni";
const INSTANCE = /\/(i-[0-9a-f]{8,17})$/;

const conditions = listOf(z.object({ type: text, status: text, message: maybe(text) }));
const amounts = maybe(z.record(z.string(), z.union([z.string(), z.number()])));

export const nodeSchema: z.ZodType<SeenNode> = z
  .object({
    metadata: z.object({ name: text, labels: texts, annotations: texts }),
    spec: maybe(z.object({ providerID: maybe(text), unschedulable: maybe(z.boolean()) })),
    status: maybe(
      z.object({ capacity: amounts, allocatable: amounts, conditions, addresses: listOf(z.object({ type: text, address: text })) }),
    ),
  })
  .transform(({ metadata: { name, labels, annotations }, spec, status }): SeenNode => {
    const first = (keys: readonly string[]): string | undefined => keys.flatMap((key) => labels[key] ?? [])[0];
    const internal = (status?.addresses ?? []).flatMap(({ type, address }) => (type === "InternalIP" ? (parseIpv4(address) ?? []) : []));
    const instanceId = INSTANCE.exec(spec?.providerID ?? "")?.[1];
    return {
      name,
      labels,
      annotations,
      ...present({
        zone: first(ZONE_LABELS),
        instanceType: first(TYPE_LABELS),
        instanceId: instanceId === undefined ? undefined : asId<InstanceId>(instanceId),
        maxPods: amountOf(status?.capacity?.["pods"]),
        branchPods: amountOf(status?.allocatable?.[BRANCH_RESOURCE]),
        address: internal[0],
        nodeGroup: first(GROUP_LABELS),
      }),
      isReady: (status?.conditions ?? []).some(({ type, status }) => type === "Ready" && status === "True"),
      isCordoned: spec?.unschedulable === true,
      isFargate: labels["eks.amazonaws.com/compute-type"] === "fargate",
    };
  });

function amountOf(given: string | number | undefined): number | undefined {
  const amount = given === undefined ? Number.NaN : Number(given);
  return Number.isInteger(amount) && amount >= 0 ? amount : undefined;
}

const podContainer = z.object({
  image: maybe(text),
  env: listOf(z.object({ name: text })),
  resources: maybe(z.object({ limits: amounts, requests: amounts })),
});
const containerStatuses = listOf(z.object({ state: maybe(z.object({ waiting: maybe(z.object({ reason: maybe(text) })) })) }));

const savedPod = z.object({
  metadata: z.object({
    name: text,
    namespace: text,
    labels: texts,
    annotations: texts,
    creationTimestamp: maybe(text),
    ownerReferences: listOf(z.object({ kind: text, name: text, controller: maybe(z.boolean()) })),
  }),
  spec: z.object({
    nodeName: maybe(text),
    hostNetwork: maybe(z.boolean()),
    serviceAccountName: maybe(text),
    schedulerName: maybe(text),
    containers: listOf(podContainer),
  }),
  status: maybe(
    z.object({
      phase: maybe(text),
      podIP: maybe(text),
      podIPs: listOf(z.object({ ip: text })),
      conditions,
      containerStatuses,
      initContainerStatuses: containerStatuses,
    }),
  ),
});

type SavedPod = z.output<typeof savedPod>;

export const podSchema: z.ZodType<SeenPod> = savedPod.transform(({ metadata, spec, status }): SeenPod => {
  const { name, namespace, labels, annotations } = metadata;
  const ips = addressesOf(status);
  return {
    namespace,
    name,
    labels,
    annotations,
    ...present({
      nodeName: spec.nodeName,
      createdAt: metadata.creationTimestamp,
      owner: ownerOf(metadata),
      unschedulable: unschedulableBy(status),
    }),
    isOnHostNetwork: spec.hostNetwork === true,
    isFargate: spec.schedulerName === "fargate-scheduler" || labels["eks.amazonaws.com/fargate-profile"] !== undefined,
    serviceAccount: spec.serviceAccountName ?? "default",
    phase: status?.phase ?? "Pending",
    isReady: conditionOf(status, "Ready")?.status === "True",
    addresses: ips.flatMap((ip) => parseIpv4(ip) ?? []),
    ipv6Addresses: ips.filter((ip) => ip.includes(":")),
    images: spec.containers.flatMap(({ image }) => image ?? []),
    envNames: [...new Set(spec.containers.flatMap(({ env }) => env.map((variable) => variable.name)))],
    waitingFor: waitingReasons(status),
    wantsBranchEni: spec.containers.some(({ resources }) =>
      [resources?.limits, resources?.requests].some((each) => each?.[BRANCH_RESOURCE] !== undefined),
    ),
  };
});

function ownerOf({ ownerReferences }: SavedPod["metadata"]): SeenPod["owner"] {
  const owner = ownerReferences.find(({ controller }) => controller === true) ?? ownerReferences[0];
  return owner === undefined ? undefined : { kind: owner.kind, name: owner.name };
}

function addressesOf(status: SavedPod["status"]): readonly string[] {
  const first = status?.podIP === undefined ? [] : [status.podIP];
  return [...new Set([...first, ...(status?.podIPs ?? []).map(({ ip }) => ip)])];
}

function conditionOf(
  status: SavedPod["status"],
  wanted: string,
): { readonly status: string; readonly message?: string | undefined } | undefined {
  return status?.conditions.find(({ type }) => type === wanted);
}

function unschedulableBy(status: SavedPod["status"]): string | undefined {
  const scheduled = conditionOf(status, "PodScheduled");
  return scheduled?.status === "False" ? (scheduled.message ?? "") : undefined;
}

function waitingReasons(status: SavedPod["status"]): readonly string[] {
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return statuses.flatMap(({ state }) => state?.waiting?.reason ?? []);
}
