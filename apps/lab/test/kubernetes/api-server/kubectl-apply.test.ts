import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { findKubectl, startLabCluster, type LabCluster } from "./lab-cluster.ts";

const kubectl = findKubectl();

function deployment(spec: object, container: object = {}): string {
  return JSON.stringify({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web" },
    spec: {
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image: "nginx", ...container }] } },
      ...spec,
    },
  });
}

function map(name: string, data: object): string {
  return JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data });
}

interface ManagedEntry {
  readonly manager: string;
  readonly operation: string;
  readonly subresource?: string;
  readonly fieldsV1: Readonly<Record<string, unknown>>;
}

describe.skipIf(kubectl === undefined)("kubectl apply --server-side", () => {
  let cluster: LabCluster;
  const run = (command: string, input?: string): Promise<string> => cluster.kubectl(command, input);
  const managed = async (object: string): Promise<readonly ManagedEntry[]> =>
    JSON.parse((await run(`get ${object} -o jsonpath={.metadata.managedFields}`)) || "[]") as readonly ManagedEntry[];

  beforeAll(async () => {
    cluster = await startLabCluster(kubectl ?? "");
  });

  afterAll(async () => {
    expect(cluster.failures).toEqual([]);
    await cluster.close();
  });

  test("owns what it gives, tells who owns the rest, and takes over when forced", async () => {
    await run("apply --server-side -f -", deployment({ replicas: 2 }, { env: [{ name: "A", value: "1" }] }));
    expect(await run("get deployment web -o yaml --show-managed-fields")).toContain('k:{"name":"A"}');
    const version = await run("get deployment web -o jsonpath={.metadata.resourceVersion}");
    await run("apply --server-side -f -", deployment({ replicas: 2 }, { env: [{ name: "A", value: "1" }] }));
    expect(await run("get deployment web -o jsonpath={.metadata.resourceVersion}")).toBe(version);
    await run("scale deployment web --replicas=5");
    await run("set image deployment/web c=nginx:2 --field-manager=releaser");
    expect((await managed("deployment/web")).map(({ manager, operation, subresource }) => [manager, operation, subresource])).toEqual([
      ["kubectl", "Apply", undefined],
      ["kubectl", "Update", "scale"],
      ["releaser", "Update", undefined],
    ]);
    const refused = await cluster.run(["apply", "--server-side", "-f", "-"], deployment({ replicas: 2 }));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("Apply failed with 2 conflicts");
    expect(refused.stderr).toContain('conflicts with "kubectl" with subresource "scale" using apps/v1:\n- .spec.replicas');
    expect(refused.stderr).toContain('conflicts with "releaser" using apps/v1:\n- .spec.template.spec.containers[name="c"].image');
    await run("apply --server-side --force-conflicts -f -", deployment({ replicas: 2 }));
    expect(await run("get deployment web -o jsonpath={.spec.replicas}:{.spec.template.spec.containers[0]}")).toMatch(/^2:(?!.*env)/);
    expect((await managed("deployment/web")).map(({ manager }) => manager)).toEqual(["kubectl"]);
    await run("delete deployment web");
  });

  test("two appliers of one object keep their own fields", async () => {
    await run("apply --server-side --field-manager=one -f -", map("shared", { a: "1", both: "x" }));
    await run("apply --server-side --field-manager=two -f -", map("shared", { b: "2", both: "x" }));
    await run("apply --server-side --field-manager=one -f -", map("shared", {}));
    expect(await run("get configmap shared -o jsonpath={.data}")).toBe('{"b":"2","both":"x"}');
    const other = await cluster.run(["apply", "--server-side", "--field-manager=one", "-f", "-"], map("shared", { both: "y" }));
    expect(other.stderr).toContain('Apply failed with 1 conflict: conflict with "two": .data.both');
  });

  test("goes on from client-side apply, and back", async () => {
    await run("apply -f -", map("moved", { a: "1", b: "2" }));
    expect((await managed("configmap/moved"))[0]).toMatchObject({ manager: "kubectl-client-side-apply", operation: "Update" });
    await run("apply --server-side -f -", map("moved", { a: "3" }));
    expect(await run("get configmap moved -o jsonpath={.data}")).toBe('{"a":"3"}');
    expect((await managed("configmap/moved")).map(({ manager, operation }) => `${manager} ${operation}`)).toEqual([
      "kubectl Apply",
      "kubectl-last-applied Apply",
    ]);
    await run("apply -f -", map("moved", { c: "4" }));
    expect(await run("get configmap moved -o jsonpath={.data}")).toBe('{"c":"4"}');
  });

  test("owners can be thrown away; the next apply counts everything before it as one", async () => {
    await run("create configmap reset --from-literal=a=1 --from-literal=b=2");
    await run(`patch configmap reset --type=merge -p {"metadata":{"managedFields":[{}]}}`);
    expect(await managed("configmap/reset")).toEqual([]);
    const refused = await cluster.run(["apply", "--server-side", "-f", "-"], map("reset", { a: "9" }));
    expect(refused.stderr).toContain('conflict with "before-first-apply" using v1: .data.a');
    await run("apply --server-side --force-conflicts -f -", map("reset", { a: "9" }));
    expect(await run("get configmap reset -o jsonpath={.data}")).toBe('{"a":"9","b":"2"}');
  });

  test("status and scale are owned through their subresources", async () => {
    await run("apply --server-side -f -", deployment({ replicas: 1 }));
    const body = { status: { replicas: 1, observedGeneration: 1 } };
    const resource = { group: "apps", version: "v1", plural: "deployments" };
    await cluster.api.kube.patch(resource, "web", "default", { kind: "merge", body, subresource: "status" });
    const status = JSON.stringify({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web" },
      status: { conditions: [{ type: "Mine", status: "True" }] },
    });
    await run("apply --server-side --subresource=status --field-manager=judge -f -", status);
    expect(await run("get deployment web -o jsonpath={.status.replicas}:{.status.conditions[*].type}:{.spec.replicas}")).toBe("1:Mine:1");
    const judge = (await managed("deployment/web")).find(({ manager }) => manager === "judge");
    expect([judge?.subresource, Object.keys(judge?.fieldsV1 ?? {})]).toEqual(["status", ["f:status"]]);
    await run("delete deployment web");
  });

  test("what cannot be applied is refused by name", async () => {
    const wrong = await cluster.run(["apply", "--server-side", "-f", "-"], JSON.stringify({ ...JSON.parse(map("odd", {})), dat: {} }));
    expect(wrong.stderr).toContain(
      "failed to create typed patch object (default/odd; v1, Kind=ConfigMap): .dat: field not declared in schema",
    );
    expect(await run("apply --server-side --dry-run=server -f -", map("dry", { a: "1" }))).toContain("serverside-applied (server dry run)");
    expect((await cluster.run(["get", "configmap", "dry"])).code).toBe(1);
    const diff = await cluster.run(["diff", "--server-side", "-f", "-"], map("moved", { c: "5" }));
    expect([diff.code, diff.stdout]).toEqual([1, expect.stringContaining('+  c: "5"')]);
  });
});
