import { eventually } from "@slash28/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { findKubectl, startLabCluster, type LabCluster } from "./lab-cluster.ts";

const kubectl = findKubectl();

describe.skipIf(kubectl === undefined)("the life of objects, by kubectl", () => {
  let cluster: LabCluster;
  const run = (command: string, input?: string): Promise<string> => cluster.kubectl(command, input);

  beforeAll(async () => {
    cluster = await startLabCluster(kubectl ?? "");
  });

  afterAll(async () => {
    expect(cluster.failures).toEqual([]);
    await cluster.close();
  });

  test("a namespace that is deleted says what holds it, and goes with the last of that", async () => {
    await run("create namespace doomed");
    await run("create configmap held -n doomed");
    await run(`patch configmap held -n doomed --type=merge -p {"metadata":{"finalizers":["example.com/hold"]}}`);
    await run("delete namespace doomed --wait=false");
    const reasons = await run("get namespace doomed -o jsonpath={.status.phase}:{.status.conditions[*].reason}");
    expect(reasons).toBe("Terminating:ResourcesDiscovered ParsedGroupVersions ContentDeleted SomeResourcesRemain SomeFinalizersRemain");
    expect(await run("describe namespace doomed")).toContain("example.com/hold in 1 resource instances");
    expect((await cluster.run(["create", "configmap", "late", "-n", "doomed"])).stderr).toContain("because it is being terminated");
    const away = cluster.start(["wait", "--for=delete", "namespace/doomed", "--timeout=10s"]);
    await run(`patch configmap held -n doomed --type=merge -p {"metadata":{"finalizers":null}}`);
    expect((await away.done).code).toBe(0);
  });

  test("a namespace with a finalizer of its own waits for that, and is let go by finalize", async () => {
    await run("create namespace kept");
    await run(`patch namespace kept --type=merge -p {"metadata":{"finalizers":["example.com/own"]}}`);
    await run("delete namespace kept --wait=false");
    expect(await run("get namespace kept -o jsonpath={.status.phase}")).toBe("Terminating");
    await run(`patch namespace kept --type=merge -p {"metadata":{"finalizers":null}}`);
    expect((await cluster.run(["get", "namespace", "kept"])).code).toBe(1);
    await run("create namespace stuck");
    await run(`patch namespace stuck --type=merge -p {"spec":{"finalizers":["kubernetes","example.com/spec"]}}`);
    await run("delete namespace stuck --wait=false");
    expect(await run("get namespace stuck -o jsonpath={.status.phase}")).toBe("Terminating");
    const bare = { apiVersion: "v1", kind: "Namespace", metadata: { name: "stuck" }, spec: { finalizers: [] } };
    await run("replace --raw /api/v1/namespaces/stuck/finalize -f -", JSON.stringify(bare));
    await eventually("the namespace gone", async () => (await cluster.run(["get", "namespace", "stuck"])).code === 1);
  });

  test("dry runs of every kind change nothing", async () => {
    await run("create configmap real --from-literal=a=1");
    const before = await run("get configmap real -o yaml --show-managed-fields");
    await run("create configmap ghost --dry-run=server");
    await run(`patch configmap real --type=merge --dry-run=server -p {"data":{"a":"2"}}`);
    await run("label configmap real x=y --dry-run=server");
    await run("delete configmap real --dry-run=server");
    await run(
      "apply --server-side --force-conflicts --dry-run=server -f -",
      JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "real" }, data: { a: "3" } }),
    );
    expect(await run("get configmap real -o yaml --show-managed-fields")).toBe(before);
    expect((await cluster.run(["get", "configmap", "ghost"])).code).toBe(1);
  });

  test("rules in CEL are checked on custom resources, and in their definitions", async () => {
    const crd = (rule: string): string =>
      JSON.stringify({
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name: "ranges.example.com" },
        spec: {
          group: "example.com",
          scope: "Namespaced",
          names: { plural: "ranges", kind: "Range" },
          versions: [
            {
              name: "v1",
              served: true,
              storage: true,
              schema: {
                openAPIV3Schema: {
                  type: "object",
                  properties: {
                    spec: {
                      type: "object",
                      "x-kubernetes-validations": [{ rule, message: "low must not be above high" }],
                      properties: { low: { type: "integer" }, high: { type: "integer" } },
                    },
                  },
                },
              },
            },
          ],
        },
      });
    expect((await cluster.run(["create", "-f", "-"], crd("self.low <="))).stderr).toContain("compilation failed");
    await run("create -f -", crd("self.low <= self.high"));
    await run("wait --for=condition=Established crd/ranges.example.com");
    const range = (low: number): string =>
      JSON.stringify({ apiVersion: "example.com/v1", kind: "Range", metadata: { name: "r" }, spec: { low, high: 5 } });
    await run("create -f -", range(1));
    const wrong = await cluster.run(["apply", "--server-side", "--force-conflicts", "-f", "-"], range(9));
    expect(wrong.stderr).toContain("low must not be above high");
  });
});
