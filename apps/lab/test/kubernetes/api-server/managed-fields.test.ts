import { at, listOf } from "@slash28/kube-store";
import { quietLog } from "@slash28/testkit";
import { expect, test, vi } from "vitest";

import { startControllers } from "../../../src/kubernetes/controllers/index.ts";
import { startScheduler } from "../../../src/kubernetes/scheduler/index.ts";
import { seededRandom, startFakeKubelets } from "../cluster.ts";
import { body, RESOURCE, startInProcess } from "./in-process.ts";
import { aNode, realClock } from "./lab-cluster.ts";

const DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
const PODS = "/api/v1/namespaces/default/pods";

type Entry = readonly [manager: unknown, operation: unknown, subresource: unknown, fields: readonly string[]];

/** By name: the server's own order goes by the second of each write. */
function entriesOf(object: unknown): readonly Entry[] {
  return listOf(at(object, "metadata", "managedFields"))
    .map((entry): Entry => {
      const fields = at(entry, "fieldsV1");
      return [at(entry, "manager"), at(entry, "operation"), at(entry, "subresource"), Object.keys(Object(fields))];
    })
    .toSorted((a, b) => (String(a) < String(b) ? -1 : 1));
}

test("each part of a cluster owns its fields under the name it has on Kubernetes", async () => {
  const { api, json, fetch } = await startInProcess();
  const ports = { clock: realClock, random: seededRandom(), log: quietLog };
  const running = [
    startControllers({ ...ports, kube: api.kubeOf("kube-controller-manager") }),
    startScheduler({ ...ports, kube: api.kubeOf("kube-scheduler") }),
    startFakeKubelets(api.kubeOf("kubelet")),
  ];
  const pod = { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image: "nginx" }] } };
  const deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web" },
    spec: { selector: { matchLabels: { app: "web" } }, template: pod },
  };
  const headers = { "content-type": "application/json", "user-agent": "kubectl/v1.33.1 (linux/amd64) kubernetes/8adc0f0" };
  await fetch(DEPLOYMENTS, { ...body(deployment), headers });
  const podNow = async (): Promise<unknown> => listOf((await json(PODS))["items"])[0];
  // The scheduler says of a pod that it has no node for it; only then is there a node.
  await vi.waitFor(async () => expect(entriesOf(await podNow()).map(([manager]) => manager)).toContain("kube-scheduler"), 10_000);
  await api.kubeOf("kubelet").create(RESOURCE.nodes, aNode("n1"));
  await vi.waitFor(async () => expect(at(await json(`${DEPLOYMENTS}/web`), "status", "readyReplicas")).toBe(1), 10_000);

  expect(entriesOf(await podNow())).toEqual([
    ["kube-controller-manager", "Update", undefined, ["f:metadata", "f:spec"]],
    ["kube-scheduler", "Update", "status", ["f:status"]],
    ["kubelet", "Update", "status", ["f:status"]],
  ]);
  expect(entriesOf(await json(`${DEPLOYMENTS}/web`))).toEqual([
    ["kube-controller-manager", "Update", undefined, ["f:metadata"]],
    ["kube-controller-manager", "Update", "status", ["f:status"]],
    ["kubectl", "Update", undefined, ["f:spec"]],
  ]);
  const roots = await json("/api/v1/namespaces/default/configmaps/kube-root-ca.crt");
  expect(entriesOf(roots)).toEqual([["kube-controller-manager", "Update", undefined, ["f:data", "f:metadata"]]]);
  const service = await json("/api/v1/namespaces/default/services/kubernetes");
  expect(entriesOf(service)).toEqual([["kube-apiserver", "Update", undefined, ["f:metadata", "f:spec"]]]);
  await Promise.all(running.map((part) => part.stop()));
  await api.close();
});
