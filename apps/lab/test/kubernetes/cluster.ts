import { RESOURCES, createInformer, createWorkQueue, objectKey, splitKey } from "@slash28/kube";
import { systemClock as realClock } from "@slash28/linux";
import type { Kube } from "@slash28/ports";
import { createMemoryKube, quietLog } from "@slash28/testkit";
import { startControllers } from "../../src/kubernetes/controllers/index.ts";
import type { Pod } from "../../src/kubernetes/controllers/objects/index.ts";
import { startScheduler } from "../../src/kubernetes/scheduler/index.ts";

export { systemClock as realClock } from "@slash28/linux";

/** Numbers that look random and are the same every time. */
export function seededRandom(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Kubelets of every node in one: a bound pod becomes ready at once, a deleted one goes at once. */
export function startFakeKubelets(kube: Kube): { stop(): Promise<void> } {
  const random = seededRandom(7);
  const pods = createInformer<Pod>(kube, RESOURCES.pods, { clock: realClock, random });
  let addresses = 0;
  const queue = createWorkQueue({
    clock: realClock,
    random,
    workers: 64,
    work: async (key) => {
      const { name, namespace } = splitKey(key);
      const pod = pods.get(name, namespace);
      if (pod?.spec.nodeName === undefined) return;
      if (pod.metadata.deletionTimestamp !== undefined) {
        return await kube.delete(RESOURCES.pods, name, namespace, { gracePeriodSeconds: 0 });
      }
      if (pod.status?.phase !== undefined && pod.status.phase !== "Pending") return;
      addresses++;
      const lastTransitionTime = new Date().toISOString();
      const status = {
        phase: "Running",
        podIP: `10.0.${addresses >> 8}.${addresses & 255}`,
        conditions: [{ type: "Ready", status: "True", lastTransitionTime }],
      };
      await kube.patch(RESOURCES.pods, name, namespace, { kind: "merge", body: { status }, subresource: "status" });
    },
  });
  pods.onChange((change) => queue.add(objectKey(change.object)));
  return {
    async stop() {
      await pods.stop();
      await queue.stop();
    },
  };
}

export interface TestCluster {
  readonly kube: Kube;
  stop(): Promise<void>;
}

/** Controllers, scheduler and instant kubelets over an API in memory, with these nodes. */
export async function startCluster(nodes: number, podsPerNode = 110): Promise<TestCluster> {
  const kube = createMemoryKube({ clock: realClock });
  for (let i = 0; i < nodes; i++) {
    await kube.create(RESOURCES.nodes, {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: `node-${i}`, labels: { "topology.kubernetes.io/zone": `zone-${i % 2}` } },
      status: {
        allocatable: { pods: String(podsPerNode), cpu: "2", memory: "8Gi" },
        conditions: [{ type: "Ready", status: "True" }],
      },
    });
  }
  const ports = { kube, clock: realClock, random: seededRandom(), log: quietLog };
  const controllers = startControllers({ ...ports, caPem: "ca" });
  const scheduler = startScheduler(ports);
  const kubelets = startFakeKubelets(kube);
  await Promise.all([controllers.synced, scheduler.synced]);
  return {
    kube,
    async stop() {
      await Promise.all([controllers.stop(), scheduler.stop(), kubelets.stop()]);
    },
  };
}
