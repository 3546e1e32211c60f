import { RESOURCES } from "@slash28/kube";
import type { KubeObject } from "@slash28/ports";
import type { Bench } from "../bench.ts";
import type { Figure } from "../figures/figure.ts";
import { scriptsBelow, residentMb } from "../memory.ts";
import { upLab } from "./lab-process.ts";
import { untilRunning } from "./pod-progress.ts";

const POD_TIMEOUT_MS = 60_000;
const IDLE_MS = 5_000;

/** What a new user waits for: `slash28 lab up`, and then a first pod. */
export const lab: Bench = {
  name: "lab",
  about: "the lab, three m5.large: from the command to the first Running pod; memory of agents and supervisor",
  needs: "root",
  async run(context) {
    context.say("bringing a lab up");
    const lab = await upLab(context, { instanceType: "m5.large", nodes: 3 });
    const upAt = performance.now();
    const { running } = await untilRunning(lab.kube, 1, () => lab.kube.create(RESOURCES.pods, FIRST_POD), POD_TIMEOUT_MS);
    const firstAt = Math.max(...running.values());
    context.say("letting the lab rest");
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    const figures: Figure[] = [
      { name: "start to nodes Ready", value: (upAt - lab.startedAt) / 1_000, unit: "s", note: "`slash28 lab up --detach`, three m5.large" },
      {
        name: "start to first Running pod",
        value: (firstAt - lab.startedAt) / 1_000,
        unit: "s",
        aim: { most: 10 },
        note: "programs built before",
      },
      ...memoryOf(lab.supervisorPid),
    ];
    await lab.down();
    return figures;
  },
};

const FIRST_POD: KubeObject & { readonly spec: object } = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "first", namespace: "default" },
  spec: { containers: [{ name: "web", image: "nginx" }] },
};

function memoryOf(supervisorPid: number): readonly Figure[] {
  const agents = scriptsBelow(supervisorPid, "/agent.mjs").map(residentMb);
  if (agents.length === 0) throw new Error("no agent runs in the lab");
  return [
    {
      name: "agent, idle",
      value: Math.max(...agents),
      unit: "MB",
      aim: { most: 90 },
      note: `resident; the largest of ${agents.length}, with the Kubernetes API`,
    },
    { name: "supervisor, idle", value: residentMb(supervisorPid), unit: "MB", note: "resident; cloud, API server, controllers, kubelets" },
  ];
}
