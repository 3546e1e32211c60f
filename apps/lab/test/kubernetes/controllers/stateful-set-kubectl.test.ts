import { eventually } from "@slash28/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { installStorageClasses } from "../../../src/supervisor/storage-classes.ts";
import { findKubectl, type LabCluster } from "../api-server/lab-cluster.ts";
import { startWorkingCluster } from "../working-cluster.ts";

const kubectl = findKubectl();

const SET = `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 3
  selector: {matchLabels: {app: db}}
  persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete, whenScaled: Delete}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers: [{name: db, image: "nginx:1", volumeMounts: [{name: data, mountPath: /data}]}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
`;

describe.skipIf(kubectl === undefined)("kubectl and a stateful set", () => {
  let cluster: LabCluster;
  beforeAll(async () => {
    cluster = await startWorkingCluster(kubectl ?? "", ["node-a", "node-b"]);
    await installStorageClasses(cluster.api.kube);
  });
  afterAll(() => cluster.close());

  const images = (): Promise<string> => cluster.kubectl("get pods -l app=db -o jsonpath={.items[*].spec.containers[0].image}");
  const names = async (what: string): Promise<string> =>
    (await cluster.kubectl(`get ${what} -l app=db -o name`)).trim().replaceAll("\n", " ");

  test("starts its pods in order, each with its claim", async () => {
    await cluster.kubectl("apply -f -", SET);
    expect(await cluster.kubectl("rollout status statefulset/db --timeout=20s")).toContain("partitioned roll out complete: 3 new pods");
    expect(await names("pods")).toBe("pod/db-0 pod/db-1 pod/db-2");
    expect(await names("pvc")).toBe(["0", "1", "2"].map((i) => `persistentvolumeclaim/data-db-${i}`).join(" "));
    expect(await cluster.kubectl("get statefulset db --no-headers")).toMatch(/^db\s+3\/3\s/);
  });

  test("rolls, keeps its history, and goes back", async () => {
    await cluster.kubectl("set image statefulset/db db=nginx:2");
    await cluster.kubectl("rollout status statefulset/db --timeout=20s");
    expect(await images()).toBe("nginx:2 nginx:2 nginx:2");
    expect(await cluster.kubectl("rollout history statefulset/db")).toMatch(/1\s+<none>\n2\s+<none>/);
    expect(await cluster.kubectl("rollout history statefulset/db --revision=1")).toContain("nginx:1");
    await cluster.kubectl("rollout undo statefulset/db");
    await cluster.kubectl("rollout status statefulset/db --timeout=20s");
    expect(await images()).toBe("nginx:1 nginx:1 nginx:1");
    await cluster.kubectl("rollout restart statefulset/db");
    await cluster.kubectl("rollout status statefulset/db --timeout=20s");
  });

  test("updates only what is at or above the partition", async () => {
    await cluster.kubectl('patch statefulset db --type=merge -p {"spec":{"updateStrategy":{"rollingUpdate":{"partition":2}}}}');
    await cluster.kubectl("set image statefulset/db db=nginx:3");
    await cluster.kubectl("rollout status statefulset/db --timeout=20s");
    expect(await images()).toBe("nginx:1 nginx:1 nginx:3");
  });

  test("gives the claims of what is scaled away back, and all of them in the end", async () => {
    await cluster.kubectl("scale statefulset/db --replicas=1");
    await eventually("one pod and its claim", async () => (await names("pods,pvc")) === "pod/db-0 persistentvolumeclaim/data-db-0");
    await cluster.kubectl("delete statefulset db");
    await eventually("nothing", async () => (await names("pods,pvc")) === "");
  });
});
