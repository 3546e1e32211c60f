import { eventually } from "@slash28/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { findKubectl, type LabCluster } from "../api-server/lab-cluster.ts";
import { startWorkingCluster } from "../working-cluster.ts";

const kubectl = findKubectl();

const OBJECTS = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 4
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: c, image: nginx, volumeMounts: [{name: tmp, mountPath: /tmp}]}]
      volumes: [{name: tmp, emptyDir: {}}]
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: daemon}
spec:
  selector: {matchLabels: {app: daemon}}
  template:
    metadata: {labels: {app: daemon}}
    spec: {containers: [{name: c, image: nginx}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec:
  minAvailable: 4
  selector: {matchLabels: {app: web}}
`;

describe.skipIf(kubectl === undefined)("kubectl drain", () => {
  let cluster: LabCluster;
  beforeAll(async () => {
    cluster = await startWorkingCluster(kubectl ?? "", ["node-a", "node-b"]);
    await cluster.kubectl("apply -f -", OBJECTS);
    await cluster.kubectl("rollout status deployment/web --timeout=20s");
    await eventually("the budget is worked out", async () => (await budget()) === "4/4/0");
  });
  afterAll(() => cluster.close());

  const budget = (): Promise<string> =>
    cluster.kubectl("get pdb web -o jsonpath={.status.currentHealthy}/{.status.desiredHealthy}/{.status.disruptionsAllowed}");
  const podsOn = async (node: string, app: string): Promise<number> =>
    (await cluster.kubectl(`get pods -l app=${app} --field-selector spec.nodeName=${node} -o name`)).split("\n").filter(Boolean).length;

  test("names what stands in its way", async () => {
    const outcome = await cluster.run(["drain", "node-a"]);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/cannot delete DaemonSet-managed Pods.*--ignore-daemonsets/);
    expect(outcome.stderr).toMatch(/cannot delete Pods with local storage.*--delete-emptydir-data/);
  });

  test("waits for the budget and gives up after its timeout", async () => {
    const outcome = await cluster.run(["drain", "node-a", "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=1s"]);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain("Cannot evict pod as it would violate the pod's disruption budget.");
    expect(await podsOn("node-a", "web")).toBeGreaterThan(0);
    await cluster.kubectl("uncordon node-a");
  });

  test("evicts everything but daemons once the budget allows it, and leaves the node cordoned", async () => {
    await cluster.kubectl('patch pdb web --type=merge -p {"spec":{"minAvailable":3}}');
    await eventually("one may go", async () => (await budget()) === "4/3/1");
    const out = await cluster.kubectl("drain node-a --ignore-daemonsets --delete-emptydir-data --timeout=30s");
    expect(out).toContain("node/node-a drained");
    expect(await podsOn("node-a", "web")).toBe(0);
    expect(await podsOn("node-a", "daemon")).toBe(1);
    expect(await cluster.kubectl("get node node-a")).toContain("SchedulingDisabled");
    await eventually("all serve again", async () => (await budget()) === "4/3/1");
    await cluster.kubectl("uncordon node-a");
  });

  test("without evictions asks no budget", async () => {
    await cluster.kubectl('patch pdb web --type=merge -p {"spec":{"minAvailable":4}}');
    await cluster.kubectl("drain node-b --ignore-daemonsets --delete-emptydir-data --disable-eviction --timeout=30s");
    expect(await podsOn("node-b", "web")).toBe(0);
    await cluster.kubectl("uncordon node-b");
  });

  test("a dry run of the server deletes nothing", async () => {
    await cluster.kubectl('patch pdb web --type=merge -p {"spec":{"minAvailable":1}}');
    await eventually("three may go", async () => (await budget()) === "4/1/3");
    const out = await cluster.kubectl("drain node-a --ignore-daemonsets --delete-emptydir-data --dry-run=server");
    expect(out).toContain("(server dry run)");
    expect(await podsOn("node-a", "web")).toBe(4);
  });

  test("kubectl taint with NoExecute moves pods, without it they may come back", async () => {
    await cluster.kubectl("taint nodes node-a full=yes:NoExecute");
    await eventually("all on the other node", async () => (await podsOn("node-b", "web")) === 4);
    expect(await podsOn("node-a", "daemon")).toBe(0);
    await cluster.kubectl("taint nodes node-a full=yes:NoExecute-");
    await eventually("the daemon is back", async () => (await podsOn("node-a", "daemon")) === 1);
  });
});
