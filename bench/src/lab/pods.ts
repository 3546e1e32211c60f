import { RESOURCES } from "@slash28/kube";
import type { KubeObject } from "@slash28/ports";
import type { Bench } from "../bench.ts";
import { upLab } from "./lab-process.ts";
import { untilRunning } from "./pod-progress.ts";

const PODS = 110;
/** The agent's own pod and its neighbours need places too. */
const MAX_PODS = 120;
const TIMEOUT_MS = 120_000;

/** A Deployment of 110 replicas on one node with prefixes, as EKS runs 110 pods on an m5.large. */
export const pods: Bench = {
  name: "pods",
  about: "the lab, one m5.large with prefix delegation: 110 pods from scheduled to Running",
  needs: "root",
  async run(context) {
    context.say("bringing a lab of one node up");
    const env = { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1" };
    const lab = await upLab(context, { instanceType: "m5.large", nodes: 1, maxPods: MAX_PODS, hasClusterDns: false, env });
    context.say(`starting ${PODS} pods`);
    const begunAt = performance.now();
    const { scheduled, running } = await untilRunning(lab.kube, PODS, () => lab.kube.create(RESOURCES.deployments, BURST), TIMEOUT_MS);
    const ranAt = Math.max(...running.values());
    await lab.down();
    return [
      {
        name: `${PODS} pods Running after scheduling`,
        value: (ranAt - Math.min(...scheduled.values())) / 1_000,
        unit: "s",
        aim: { most: 3 },
        note: "from the first pod bound to the last one Running; the pool grows meanwhile",
      },
      {
        name: `${PODS} pods Running after the Deployment`,
        value: (ranAt - begunAt) / 1_000,
        unit: "s",
        note: "controllers and scheduler included",
      },
    ];
  },
};

const BURST: KubeObject & { readonly spec: object } = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "burst", namespace: "default" },
  spec: {
    replicas: PODS,
    selector: { matchLabels: { app: "burst" } },
    template: { metadata: { labels: { app: "burst" } }, spec: { containers: [{ name: "web", image: "nginx" }] } },
  },
};
