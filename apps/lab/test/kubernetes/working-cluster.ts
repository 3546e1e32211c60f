import { quietLog } from "@slash28/testkit";

import { startControllers } from "../../src/kubernetes/controllers/index.ts";
import { startScheduler } from "../../src/kubernetes/scheduler/index.ts";
import { aNode, realClock, startLabCluster, type LabCluster } from "./api-server/lab-cluster.ts";
import { seededRandom, startFakeKubelets } from "./cluster.ts";

/** An API server that kubectl reaches, with controllers, a scheduler, instant kubelets and these nodes. */
export async function startWorkingCluster(kubectl: string, nodes: readonly string[]): Promise<LabCluster> {
  const cluster = await startLabCluster(kubectl);
  const { kube } = cluster.api;
  const ports = { clock: realClock, random: seededRandom(), log: quietLog };
  const controllers = startControllers({ ...ports, kube: cluster.api.kubeOf("kube-controller-manager") });
  const scheduler = startScheduler({ ...ports, kube: cluster.api.kubeOf("kube-scheduler") });
  const kubelets = startFakeKubelets(cluster.api.kubeOf("kubelet"));
  await Promise.all([controllers.synced, scheduler.synced]);
  for (const name of nodes) await kube.create({ group: "", version: "v1", plural: "nodes" }, aNode(name));
  return {
    ...cluster,
    async close() {
      await Promise.all([controllers.stop(), scheduler.stop(), kubelets.stop()]);
      await cluster.close();
    },
  };
}
