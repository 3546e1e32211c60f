import { matchesNodeAffinity, untoleratedTaint } from "../../scheduler/node-fit.ts";
import { NODE_TAINTS } from "../../node-taints.ts";
import type { DaemonSet, Node, PodSpec, PodTemplate, Toleration } from "../objects/index.ts";
import { REVISION_LABEL } from "../template-history.ts";

/** Whether a daemon pod should be started on a node, and whether one that runs there may stay. */
export interface Eligibility {
  readonly shouldRun: boolean;
  readonly mayStay: boolean;
}

/** A taint that only keeps pods from starting does not end one that runs. */
export function eligibilityOf(set: DaemonSet, node: Node): Eligibility {
  const { spec } = set.spec.template;
  const tolerations = daemonTolerations(spec);
  const isRightNode = (spec.nodeName ?? node.metadata.name) === node.metadata.name && matchesNodeAffinity(spec, node);
  return {
    shouldRun: isRightNode && untoleratedTaint(tolerations, node, ["NoSchedule", "NoExecute"]) === undefined,
    mayStay: isRightNode && untoleratedTaint(tolerations, node, ["NoExecute"]) === undefined,
  };
}

const taint = (key: string, effect: string): Toleration => ({ key, operator: "Exists", effect });

const ALWAYS_TOLERATED: readonly Toleration[] = [
  taint(NODE_TAINTS.notReady, "NoExecute"),
  taint(NODE_TAINTS.unreachable, "NoExecute"),
  taint("node.kubernetes.io/disk-pressure", "NoSchedule"),
  taint("node.kubernetes.io/memory-pressure", "NoSchedule"),
  taint("node.kubernetes.io/pid-pressure", "NoSchedule"),
  taint(NODE_TAINTS.unschedulable, "NoSchedule"),
];

/**
 * What every daemon pod tolerates besides its own tolerations: the states of a node a daemon must live through. Those on the
 * host network run before the node has a network.
 */
export function daemonTolerations(spec: PodSpec): readonly Toleration[] {
  const network = spec.hostNetwork === true ? [taint("node.kubernetes.io/network-unavailable", "NoSchedule")] : [];
  const own = spec.tolerations ?? [];
  const isThere = (wanted: Toleration): boolean =>
    own.some(
      (toleration) => toleration.key === wanted.key && toleration.operator === wanted.operator && toleration.effect === wanted.effect,
    );
  return [...own, ...[...ALWAYS_TOLERATED, ...network].filter((wanted) => !isThere(wanted))];
}

/** The template of the pod for one node: bound to it by affinity, so that the scheduler places it and accounts for it. */
export function templateForNode(set: DaemonSet, nodeName: string, revisionHash: string): PodTemplate {
  const { template } = set.spec;
  const { generation } = set.metadata;
  const { affinity } = template.spec;
  const matchFields = [{ key: "metadata.name", operator: "In", values: [nodeName] }];
  return {
    ...template,
    metadata: {
      ...template.metadata,
      labels: {
        ...template.metadata?.labels,
        [REVISION_LABEL]: revisionHash,
        ...(generation === undefined ? {} : { "pod-template-generation": String(generation) }),
      },
    },
    spec: {
      ...template.spec,
      tolerations: daemonTolerations(template.spec),
      affinity: {
        ...affinity,
        // Whether the node suits the set's own terms has been decided; only this node is left.
        nodeAffinity: {
          ...affinity?.nodeAffinity,
          requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] },
        },
      },
    },
  };
}

/** The node a daemon pod is meant for, also before it is bound. */
export function nodeOf(pod: { readonly spec: PodSpec }): string | undefined {
  if (pod.spec.nodeName !== undefined && pod.spec.nodeName !== "") return pod.spec.nodeName;
  const terms = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const field = terms.flatMap((term) => term.matchFields ?? []).find(({ key, operator }) => key === "metadata.name" && operator === "In");
  return field?.values?.[0];
}
