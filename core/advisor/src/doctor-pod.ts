import { findingsOf } from "./diagnose.ts";
import { effectsOf } from "./effect/with-effects.ts";
import type { Finding } from "./finding.ts";
import { named } from "./findings/check.ts";
import {
  hasOrNeedsNone,
  lookAtAgent,
  lookAtBranchEnis,
  lookAtInstance,
  lookAtPod,
  lookAtQuota,
  lookAtSubnet,
  type PodStep,
} from "./pod-steps.ts";
import { ClusterView, type ViewNode } from "./snapshot/cluster-view.ts";
import type { SeenPod } from "./snapshot/kubernetes-objects.ts";
import { podSubnetsOf } from "./snapshot/pod-subnets.ts";
import type { Snapshot } from "./snapshot/snapshot.ts";

/** Why a pod has no address. */
export interface PodDiagnosis {
  readonly namespace: string;
  readonly name: string;
  /** One sentence. */
  readonly verdict: string;
  readonly steps: readonly PodStep[];
  /** The findings about its node, its subnets and itself: they have the fixes. */
  readonly findings: readonly Finding[];
}

/** Follows the steps for one pod; `undefined`: the snapshot has no such pod. */
export function doctorPod(snapshot: Snapshot, namespace: string, name: string): PodDiagnosis | undefined {
  const view = new ClusterView(snapshot);
  const pod = snapshot.pods?.find((each) => each.namespace === namespace && each.name === name);
  if (pod === undefined) return undefined;
  const node = view.nodeNamed(pod.nodeName);
  const first = lookAtPod(pod);
  // A pod that wants nothing, or has what it wants, needs no further looks; one without a node is on nobody's pool yet.
  const isSettled = first.state === "ok" && hasOrNeedsNone(pod);
  const later = isSettled
    ? []
    : [lookAtAgent(view, pod), lookAtInstance(view, node), lookAtSubnet(view, node), lookAtQuota(view), lookAtBranchEnis(view, pod, node)];
  const steps = [first, ...later];
  return { namespace, name, verdict: verdictOf(pod, steps, isSettled), steps, findings: isSettled ? [] : findingsAbout(view, pod, node) };
}

function verdictOf({ namespace, name }: SeenPod, steps: readonly PodStep[], isSettled: boolean): string {
  const pod = `${namespace}/${name}`;
  if (isSettled) return `${pod}: ${steps[0]?.evidence[0]?.text ?? "nothing is wrong"}.`;
  // The agent's words are a sign; what the other steps find is the reason.
  const failed = steps.filter(({ state }) => state === "failed");
  const reason = failed.find(({ id }) => id !== "agent") ?? failed[0];
  if (reason !== undefined) return `${pod} has no address: ${reason.evidence.map(({ text }) => text).join("; ")}.`;
  const unknown = steps.filter(({ state }) => state === "unknown").map(({ id }) => id);
  const left =
    unknown.length === 0
      ? "every step is in order, so it may only need a moment"
      : `what could be looked at is in order; not known: ${named(unknown, 6)}`;
  return `${pod} has no address: ${left}.`;
}

/** Findings that a pod's missing address may come from, about its node, its subnets or what all nodes share. */
const OF_ALL_NODES = new Set(["account-eni-quota", "missing-ec2-permissions"]);

function findingsAbout(view: ClusterView, pod: SeenPod, node: ViewNode | undefined): readonly Finding[] {
  const subnets = node === undefined ? [] : podSubnetsOf(view, node);
  const names = new Set<string>([pod.name, ...(node === undefined ? [] : [node.name]), ...subnets.map(({ id }) => id)]);
  const about = findingsOf(view).filter(({ id, objects }) => OF_ALL_NODES.has(id) || objects.some((object) => names.has(object.name)));
  return effectsOf(view, about);
}
