import { RESOURCES } from "@slash28/kube";
import type { KubeObject } from "@slash28/ports";
import type { Bench } from "../bench.ts";
import { proportionalMb, processesOfLab } from "../memory.ts";
import { upLab } from "./lab-process.ts";
import { untilRunning } from "./pod-progress.ts";

const NODES = 20;
const PODS_PER_NODE = 20;
const PODS = NODES * PODS_PER_NODE;
const TIMEOUT_MS = 180_000;
/** 3 GiB. */
const MEMORY_MB_MAX = 3_221;

/** A lab of twenty nodes with twenty pods each: from the command to the last pod, and the memory of all of it. */
export const fleet: Bench = {
  name: "fleet",
  about: `the lab, ${NODES} m5.large with ${PODS_PER_NODE} pods each: time until all run, and the memory of every process`,
  needs: "root",
  async run(context) {
    context.say(`bringing a lab of ${NODES} nodes up`);
    const lab = await upLab(context, { instanceType: "m5.large", nodes: NODES });
    const upAt = performance.now();
    context.say(`starting ${PODS} pods`);
    const { running } = await untilRunning(lab.kube, PODS, () => lab.kube.create(RESOURCES.deployments, WORKLOAD), TIMEOUT_MS);
    const ranAt = Math.max(...running.values());
    const processes = processesOfLab(lab.runDir);
    const memoryMb = processes.reduce((sum, pid) => sum + proportionalMb(pid), 0);
    const supervisorMb = proportionalMb(lab.supervisorPid);
    await lab.down();
    return [
      { name: `start to ${NODES} nodes Ready`, value: (upAt - lab.startedAt) / 1_000, unit: "s", note: "`slash28 lab up --detach`" },
      {
        name: `start to ${PODS} pods Running`,
        value: (ranAt - lab.startedAt) / 1_000,
        unit: "s",
        aim: { most: 60 },
        note: "one Deployment after the nodes are Ready",
      },
      {
        name: "memory of the whole lab",
        value: memoryMb,
        unit: "MB",
        aim: { most: MEMORY_MB_MAX },
        note: `proportional set size of its ${processes.length} processes: supervisor, ${NODES} agents, pods`,
      },
      {
        name: "memory of the supervisor",
        value: supervisorMb,
        unit: "MB",
        note: "proportional set size; cloud, API server, controllers, kubelets",
      },
    ];
  },
};

const WORKLOAD: KubeObject & { readonly spec: object } = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "fleet", namespace: "default" },
  spec: {
    replicas: PODS,
    selector: { matchLabels: { app: "fleet" } },
    template: {
      metadata: { labels: { app: "fleet" } },
      spec: {
        containers: [{ name: "web", image: "nginx" }],
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: "kubernetes.io/hostname",
            whenUnsatisfiable: "DoNotSchedule",
            labelSelector: { matchLabels: { app: "fleet" } },
          },
        ],
      },
    },
  },
};
