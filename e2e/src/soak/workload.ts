import type { Random } from "@slash28/simulation";
import type { LabUnderTest } from "../lab-under-test.ts";
import { webDeployment, webPod, type Workloads } from "../workloads.ts";
import { eventually } from "../run.ts";
import type { SoakNode } from "./kill-agents.ts";
import { CHANGE_COLUMNS, readChange, type PodBook, type PodSeen } from "./pod-book.ts";
import { PREFIXES } from "./soak-cluster.ts";
import type { Tally } from "./tally.ts";
import { startVisitor, type Visitor } from "./visits.ts";

/** How often a visitor asks: pods that stay often, those that come and go often enough to meet each of them. */
const STEADY_PAUSE_MS = 40;
const CHURN_PAUSE_MS = 700;
/** The most pods that come and go on a node: more than its warm pool and its first ENI, or its first prefixes, have. */
const MOST = { singles: 16, prefixes: 30 } as const;

export interface WorkloadParts {
  readonly lab: LabUnderTest;
  readonly nodes: readonly SoakNode[];
  readonly workloads: Workloads;
  readonly book: PodBook;
  readonly tally: Tally;
  readonly random: Random;
  readonly isOver: () => boolean;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Pods that stay, pods that come and go, and who talks to them. */
export interface Workload {
  /** Scales each node's deployment up and down until it is over. */
  readonly churn: () => Promise<void>;
  /** Ends every pod that comes and goes, lets a few start on each node to show that they can, and ends these. */
  readonly calm: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const deploymentOf = (index: number): string => `churn-${index}`;
const onNode = (node: SoakNode): Readonly<Record<string, string>> => ({ "kubernetes.io/hostname": node.name });

export async function startWorkload(parts: WorkloadParts): Promise<Workload> {
  const { lab, nodes, workloads, book, tally } = parts;
  await workloads.apply(
    ...nodes.flatMap((node, index) => [
      webPod(`served-${index}`, "served", onNode(node)),
      visitorPod(index, node),
      webDeployment(deploymentOf(index), 0, onNode(node)),
    ]),
    { apiVersion: "v1", kind: "Service", metadata: { name: "served" }, spec: { selector: { app: "served" }, ports: [{ port: 80 }] } },
  );
  await workloads.running(nodes.length, 60_000, "-l", "app=visitor");
  const served = await workloads.running(nodes.length, 60_000, "-l", "app=served");
  const service = await lab.kubectl(["get", "service", "served", "-o", "jsonpath={.spec.clusterIP}"]);
  const visitors = nodes.map((_, index) => startVisitor(`visitor-${index}`, parts));
  for (const visitor of visitors) {
    for (const { metadata, status } of served)
      visitor.visit({ key: metadata.name, host: status.podIP ?? "", pod: metadata.name, pauseMs: STEADY_PAUSE_MS, isSteady: true });
    visitor.visit({ key: "service", host: service, pauseMs: STEADY_PAUSE_MS, isSteady: true });
  }
  const meet = meetings(parts, visitors);
  const columns = `-o=custom-columns=${CHANGE_COLUMNS}`;
  const watch = lab.kubectlFollow(["get", "pods", "--watch", "--output-watch-events", "--no-headers", columns], (line) => {
    const change = readChange(line);
    if (change === undefined) return;
    for (const sentence of book.note(change)) tally.found("doubles", sentence);
    if (change.pod.name.startsWith("churn-")) meet(change.pod);
  });
  let isStopped = false;
  void watch.ended.then((said) => {
    if (!isStopped) tally.found("other", `the watch of pods ended: ${said.trim()}`);
  });
  await eventually("the watch to show the pods", async () => book.seen >= 2 * nodes.length);
  return {
    churn: async () => void (await Promise.all(nodes.map((node, index) => churnOn(node, index, parts)))),
    calm: () => calm(parts),
    async stop() {
      isStopped = true;
      await Promise.all(visitors.map((visitor) => visitor.stop()));
      watch.stop();
      await watch.ended;
    },
  };
}

function visitorPod(index: number, node: SoakNode): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `visitor-${index}`, labels: { app: "visitor" } },
    spec: {
      nodeSelector: onNode(node),
      terminationGracePeriodSeconds: 0,
      containers: [{ name: "visitor", image: "busybox", command: ["sleep", "infinity"] }],
    },
  };
}

/** Sends two visitors to each pod that runs, one of its node and one of another, and calls them back when its end is asked for. */
function meetings({ nodes, book, random }: WorkloadParts, visitors: readonly Visitor[]): (pod: PodSeen) => void {
  const met = new Map<string, readonly Visitor[]>();
  return (pod) => {
    const known = met.get(pod.uid);
    if (known === undefined && book.isRunning(pod.uid) && pod.address !== undefined) {
      const near = nodes.findIndex((node) => node.name === pod.node);
      const far = (near + 1 + random.int(Math.max(1, nodes.length - 1))) % nodes.length;
      const chosen = [...new Set([near, far])].flatMap((index) => visitors[index] ?? []);
      met.set(pod.uid, chosen);
      for (const visitor of chosen)
        visitor.visit({ key: pod.uid, host: pod.address, pod: pod.name, pauseMs: CHURN_PAUSE_MS, isSteady: false });
    }
    if (known === undefined || book.isRunning(pod.uid)) return;
    met.delete(pod.uid);
    for (const visitor of known) visitor.leave(pod.uid);
  };
}

async function churnOn(node: SoakNode, index: number, { workloads, random, isOver, sleep }: WorkloadParts): Promise<void> {
  const most = MOST[node.group === PREFIXES ? "prefixes" : "singles"];
  while (!isOver()) {
    await workloads.scale(deploymentOf(index), random.between(0, most));
    await sleep(random.between(500, 4_500));
  }
}

async function calm({ nodes, workloads }: WorkloadParts): Promise<void> {
  const toAll = async (replicas: number): Promise<void> => {
    for (const index of nodes.keys()) await workloads.scale(deploymentOf(index), replicas);
    const all = ["-l", `app in (${nodes.map((_, index) => deploymentOf(index)).join(",")})`];
    if (replicas === 0) await workloads.gone(120_000, ...all);
    else await workloads.running(replicas * nodes.length, 120_000, ...all);
  };
  await toAll(0);
  await toAll(5);
  await toAll(0);
  await eventually("the pods that stay to run", async () => (await workloads.pods("-l", "app=served")).length === nodes.length);
}
