import type { ClusterFileInput } from "@slash28/cluster-file";
import type { LabUnderTest } from "../lab-under-test.ts";
import type { Workloads } from "../workloads.ts";

/** Nodes of this group keep single addresses warm, those of the other one prefixes. */
export const SINGLES = "singles";
export const PREFIXES = "prefixes";

/** What a quiet node holds beyond its pods' own: `WARM_IP_TARGET`, or what is left of its prefixes and one spare. */
export const WARM_IPS = 3;
/** Short, so that the address of a pod that ended is another's a moment later. */
const COOLDOWN_SECONDS = "2";

const kubelet = { crashLoopBackOff: { maxContainerRestartPeriod: "1s" } };

/** Small nodes, half of them in either mode, in two zones, with a kubelet that restarts a killed agent after a second at most. */
export function soakCluster(nodes: number): ClusterFileInput {
  const singles = Math.ceil(nodes / 2);
  return {
    vpc: {
      subnets: [
        { zone: "us-east-1a", cidr: "10.0.0.0/22" },
        { zone: "us-east-1b", cidr: "10.0.4.0/22" },
      ],
    },
    // Every pod is counted against the addresses of its node.
    clusterDns: { enabled: false },
    nodeGroups: [
      { name: SINGLES, instanceType: "m5.large", nodes: singles, kubelet },
      { name: PREFIXES, instanceType: "m5.large", nodes: nodes - singles, maxPods: 60, kubelet },
    ],
    vpcCni: { env: { IP_COOLDOWN_PERIOD: COOLDOWN_SECONDS, WARM_IP_TARGET: String(WARM_IPS), MINIMUM_IP_TARGET: String(WARM_IPS) } },
  };
}

interface EnvVar {
  readonly name: string;
  readonly value?: string;
}

interface DaemonSet {
  readonly metadata: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly selector: object;
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: { readonly containers: readonly [{ readonly env: readonly EnvVar[] }] };
    };
  };
}

/** Gives the nodes with prefixes a DaemonSet of their own: a DaemonSet has one environment for all its nodes. */
export async function splitDaemonSet(lab: LabUnderTest, { apply }: Workloads): Promise<void> {
  const nodesOf = (group: string): object => ({ nodeSelector: { "eks.amazonaws.com/nodegroup": group } });
  const original = JSON.parse(await lab.kubectl(["get", "daemonset", "aws-node", "-n", "kube-system", "-o", "json"])) as DaemonSet;
  const patch = JSON.stringify({ spec: { template: { spec: nodesOf(SINGLES) } } });
  await lab.kubectl(["patch", "daemonset", "aws-node", "-n", "kube-system", "--type=merge", "-p", patch]);
  const labels = { ...original.spec.template.metadata.labels, "k8s-app": "aws-node-prefixes" };
  const [container] = original.spec.template.spec.containers;
  const replaced = new Set(["ENABLE_PREFIX_DELEGATION", "WARM_PREFIX_TARGET", "WARM_IP_TARGET", "MINIMUM_IP_TARGET"]);
  const env = [
    ...container.env.filter(({ name }) => !replaced.has(name)),
    { name: "ENABLE_PREFIX_DELEGATION", value: "true" },
    { name: "WARM_PREFIX_TARGET", value: "1" },
  ];
  await apply({
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "aws-node-prefixes", namespace: original.metadata.namespace, labels },
    spec: {
      ...original.spec,
      selector: { matchLabels: { "k8s-app": "aws-node-prefixes" } },
      template: {
        metadata: { labels },
        spec: { ...original.spec.template.spec, ...nodesOf(PREFIXES), containers: [{ ...container, env }] },
      },
    },
  });
  for (const name of ["aws-node", "aws-node-prefixes"])
    await lab.kubectl(["rollout", "status", "daemonset", name, "-n", "kube-system", "--timeout=60s"], { timeoutMs: 70_000 });
}
