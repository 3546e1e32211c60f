import { at, numberOf } from "@slash28/kube-store";
import type { KubeObject } from "@slash28/ports";
import { eventually, quietLog } from "@slash28/testkit";
import { expect, test } from "vitest";

import { startControllers } from "../../../src/kubernetes/controllers/index.ts";
import { startScheduler } from "../../../src/kubernetes/scheduler/index.ts";
import { seededRandom, startFakeKubelets } from "../cluster.ts";
import { RESOURCE, startInProcess } from "./in-process.ts";
import { aNode, realClock } from "./lab-cluster.ts";

function aDeployment(image: string): KubeObject {
  const template = { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image }] } };
  const spec = { replicas: 40, selector: { matchLabels: { app: "web" } }, template };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace: "default" }, spec };
}

test("controllers, scheduler and nodes run a deployment on it: start, roll, delete", async () => {
  const { api, failures } = await startInProcess();
  const { kube } = api;
  const ports = { kube, clock: realClock, random: seededRandom(), log: quietLog };
  const parts = [startControllers(ports), startScheduler(ports), startFakeKubelets(kube)];
  for (const name of ["a", "b", "c"]) await kube.create(RESOURCE.nodes, aNode(name));

  /** Whether the controllers have seen the latest spec and all its pods are ready. */
  const isDone = async (): Promise<boolean> => {
    const found = await kube.get(RESOURCE.deployments, "web", "default");
    const count = (name: string): number => numberOf(at(found, "status", name)) ?? 0;
    const isSeen = count("observedGeneration") === found?.metadata.generation;
    return isSeen && ["replicas", "updatedReplicas", "readyReplicas"].every((name) => count(name) === 40);
  };
  await kube.create(RESOURCE.deployments, aDeployment("nginx:1"));
  await eventually("forty ready pods", isDone);
  const body = { spec: { template: { spec: { containers: [{ name: "c", image: "nginx:2" }] } } } };
  await kube.patch(RESOURCE.deployments, "web", "default", { kind: "strategic", body });
  await eventually("forty new pods", isDone);
  const images = (await kube.list(RESOURCE.pods, { labelSelector: "app=web" })).items.map((pod) =>
    at((at(pod, "spec", "containers") as unknown[])[0], "image"),
  );
  expect([images.length, new Set(images)]).toEqual([40, new Set(["nginx:2"])]);

  await kube.delete(RESOURCE.deployments, "web", "default", { propagation: "Foreground" });
  await eventually("nothing left", async () => {
    const pods = await kube.list(RESOURCE.pods, { labelSelector: "app=web" });
    return pods.items.length === 0 && (await kube.get(RESOURCE.deployments, "web", "default")) === undefined;
  });
  for (const part of parts.toReversed()) await part.stop();
  await api.close();
  expect(failures).toEqual([]);
});
