import { kubeReservedOf, type InstanceLimits } from "@slash28/limits";
import { bootstrapCallOf } from "./al2/bootstrap-call.ts";
import { evaluateMaxPods } from "./al2023/max-pods-expression.ts";
import { nodeConfigOf, wishesOf } from "./al2023/node-config.ts";
import { bottlerocketSettingsOf } from "./bottlerocket/settings.ts";
import type { Amounts, KubeletSettings, KubeletWishes, MaxPodsSource } from "./kubelet/settings.ts";
import { nodeImage, type NodeOs } from "./node-image.ts";
import { read, refused, type Reading } from "./problem.ts";
import { userDataOs } from "./recognise.ts";
import { isMultipart, multipartParts, SHELL_SCRIPT } from "./user-data/mime.ts";

/** An instance about to become a node. */
export interface BootingNode {
  readonly imageId: string;
  /** As text, after base64. */
  readonly userData: string;
  readonly limits: InstanceLimits;
  /** The cluster it would join; its user data must name this one. */
  readonly clusterName: string;
}

export interface BootedNode {
  readonly os: NodeOs;
  readonly kubelet: KubeletSettings;
}

/** kubelet's own number where nobody gives one. */
const KUBELET_MAX_PODS = 110;
const EVICTION_HARD: Amounts = { "memory.available": "100Mi", "nodefs.available": "10%", "nodefs.inodesFree": "5%" };

/**
 * Starts a node from its user data as its image would.
 * @returns its kubelet's settings, or why it does not join: sentences an operator can act on
 */
export function bootNode(node: BootingNode): Reading<BootedNode> {
  const image = nodeImage(node.imageId);
  const written = userDataOs(node.userData);
  const os = image?.os ?? written;
  if (os === undefined) {
    return refused("nothing in the user data starts a node: no call of /etc/eks/bootstrap.sh, no NodeConfig, no [settings.kubernetes]");
  }
  const start = startNode(os, node);
  if (!start.ok) {
    const isForOther = written !== undefined && written !== os;
    return isForOther
      ? refused(`the user data is written for ${NAMES[written]}, and ${node.imageId} is ${NAMES[os]}`, ...start.problems)
      : start;
  }
  const { clusterName, kubelet } = start.value;
  if (clusterName !== node.clusterName) {
    return refused(
      `the user data names the cluster ${JSON.stringify(clusterName)}, and the node would join ${JSON.stringify(node.clusterName)}; write that name`,
    );
  }
  return read({ os, kubelet });
}

const NAMES: Readonly<Record<NodeOs, string>> = { al2: "Amazon Linux 2", al2023: "Amazon Linux 2023", bottlerocket: "Bottlerocket" };

interface Start {
  readonly clusterName: string;
  readonly kubelet: KubeletSettings;
}

function startNode(os: NodeOs, { userData, limits }: BootingNode): Reading<Start> {
  switch (os) {
    case "al2":
      return startAl2(userData, limits);
    case "al2023":
      return startAl2023(userData, limits);
    case "bottlerocket":
      return startBottlerocket(userData, limits);
    default:
      return os satisfies never;
  }
}

function startAl2(userData: string, limits: InstanceLimits): Reading<Start> {
  const scripts = shellScripts(userData);
  if (!scripts.ok) return scripts;
  const call = bootstrapCallOf(scripts.value);
  if (!call.ok) return call;
  const { clusterName, usesMaxPods, kubelet } = call.value;
  const standard = standardMaxPods(limits);
  const own = usesMaxPods ? pods(standard, "instance type") : pods(KUBELET_MAX_PODS, "kubelet default");
  const maxPods = kubelet.maxPods === undefined ? own : pods(kubelet.maxPods, "kubelet flag");
  // The script reserves for the number of its own table, whatever kubelet is told.
  return read({ clusterName, kubelet: settingsOf(kubelet, maxPods, limits, standard) });
}

/** cloud-init runs text that begins with #!, and the shell parts of a MIME message in their order. */
function shellScripts(userData: string): Reading<readonly string[]> {
  if (isMultipart(userData)) {
    const parts = multipartParts(userData);
    return parts.ok ? read(parts.value.filter(({ type }) => type === SHELL_SCRIPT).map(({ body }) => body)) : parts;
  }
  if (userData.startsWith("#!")) return read([userData]);
  return refused("the user data is no script: cloud-init runs it only when its first line begins with #! (or as a part of a MIME message)");
}

function startAl2023(userData: string, limits: InstanceLimits): Reading<Start> {
  const config = nodeConfigOf(userData);
  if (!config.ok) return config;
  const wishes = wishesOf(config.value);
  if (!wishes.ok) return wishes;
  const { clusterName, flagged, configured, maxPodsExpression } = config.value;
  const table = standardMaxPods(limits);
  const computed = maxPodsExpression === undefined ? undefined : evaluateMaxPods(maxPodsExpression, limits, table);
  let maxPods = computed === undefined ? pods(table, "instance type") : pods(computed, "maxPodsExpression");
  if (configured.maxPods !== undefined) maxPods = pods(configured.maxPods, "kubelet configuration");
  if (flagged.maxPods !== undefined) maxPods = pods(flagged.maxPods, "kubelet flag");
  // The reservation follows the expression or the table, not what kubelet is told.
  return read({ clusterName, kubelet: settingsOf(wishes.value, maxPods, limits, computed ?? table) });
}

function startBottlerocket(userData: string, limits: InstanceLimits): Reading<Start> {
  const settings = bottlerocketSettingsOf(userData);
  if (!settings.ok) return settings;
  const { clusterName, kubelet } = settings.value;
  const maxPods =
    kubelet.maxPods === undefined ? pods(standardMaxPods(limits), "instance type") : pods(kubelet.maxPods, "kubelet configuration");
  return read({ clusterName, kubelet: settingsOf(kubelet, maxPods, limits, maxPods.count) });
}

interface Pods {
  readonly count: number;
  readonly from: MaxPodsSource;
}

function pods(count: number, from: MaxPodsSource): Pods {
  return { count, from };
}

/** What every EKS image computes for a type: one address per slot, uncapped, and the two pods on the host's network. */
export function standardMaxPods({ maxEnis, ipv4PerEni }: InstanceLimits): number {
  return maxEnis * (ipv4PerEni - 1) + 2;
}

function settingsOf(wishes: KubeletWishes, maxPods: Pods, limits: InstanceLimits, reservedFor: number): KubeletSettings {
  const { podsPerCore = 0, crashLoopBackOffMaxSeconds } = wishes;
  const { vcpus = 2 } = limits;
  const reserved = kubeReservedOf(reservedFor, vcpus);
  return {
    maxPods: podsPerCore > 0 ? Math.min(maxPods.count, podsPerCore * vcpus) : maxPods.count,
    maxPodsFrom: maxPods.from,
    labels: wishes.labels ?? {},
    taints: wishes.taints ?? [],
    kubeReserved: wishes.kubeReserved ?? {
      cpu: `${reserved.cpuMillicores}m`,
      memory: `${reserved.memoryMiB}Mi`,
      "ephemeral-storage": `${reserved.ephemeralStorageGiB}Gi`,
    },
    systemReserved: wishes.systemReserved ?? {},
    evictionHard: wishes.evictionHard ?? EVICTION_HARD,
    clusterDns: wishes.clusterDns ?? [],
    ...(crashLoopBackOffMaxSeconds === undefined ? {} : { crashLoopBackOffMaxSeconds }),
  };
}
