import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "@slash28/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { findKubectl, type LabCluster, type Outcome } from "../api-server/lab-cluster.ts";
import { startWorkingCluster } from "../working-cluster.ts";

const kubectl = findKubectl();

const deployment = (name: string, replicas = 2): string =>
  JSON.stringify({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, labels: { set: name } },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "web", image: "nginx:1" }] } },
    },
  });

describe.skipIf(kubectl === undefined)("kubectl day by day", () => {
  let cluster: LabCluster;
  const dir = mkdtempSync(join(tmpdir(), "slash28-kubectl-"));
  const run = (command: string, input?: string): Promise<string> => cluster.kubectl(command, input);
  const made = async (name: string, replicas?: number): Promise<void> => {
    await run("apply -f -", deployment(name, replicas));
    await run(`rollout status deployment/${name} --timeout=20s`);
  };
  const names = async (what: string, app: string): Promise<readonly string[]> =>
    (await run(`get ${what} -l app=${app} -o name`)).split("\n").filter((name) => name !== "");

  beforeAll(async () => {
    cluster = await startWorkingCluster(kubectl ?? "", ["node-a", "node-b"]);
  });
  afterAll(async () => {
    rmSync(dir, { recursive: true, force: true });
    expect(cluster.failures).toEqual([]);
    await cluster.close();
  });

  /** An editor that changes the file it is given with a sed script. */
  const edit = (args: readonly string[], script: string): Promise<Outcome> => {
    const editor = join(dir, "editor");
    writeFileSync(editor, `#!/bin/sh\nexec sed -i -e '${script}' "$1"\n`);
    chmodSync(editor, 0o755);
    return cluster.start(["edit", ...args], { EDITOR: editor, TMPDIR: dir }).done;
  };

  test("edit applies what the editor leaves, and nothing when it leaves all", async () => {
    await made("edited");
    expect(await edit(["deployment/edited"], "s/replicas: 2/replicas: 3/")).toMatchObject({
      code: 0,
      stdout: "deployment.apps/edited edited\n",
    });
    await run("rollout status deployment/edited --timeout=20s");
    expect(await names("pods", "edited")).toHaveLength(3);
    expect((await edit(["deployment/edited"], "s/x/x/")).stderr).toContain("Edit cancelled, no changes made.");
    const json = await edit(["deployment/edited", "-o", "json"], 's/"image": "nginx:1"/"image": "nginx:2"/');
    expect(json.stdout).toContain("edited");
    expect(await run("get deployment edited -o jsonpath={.spec.template.spec.containers[0].image}")).toBe("nginx:2");
  });

  test("edit that is refused comes back with the reason, and ends when it is left so", async () => {
    await run("create configmap fixed --from-literal=a=1");
    await run('patch configmap fixed -p {"immutable":true}');
    const refused = await edit(["configmap/fixed"], 's/a: "1"/a: "2"/');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('configmaps "fixed" is invalid');
    const [, kept = ""] = /changes has been stored to "([^"]+)"/.exec(refused.stderr) ?? [];
    expect(readFileSync(kept, "utf8")).toContain("field is immutable when `immutable` is set");
  });

  test("deletion in the foreground waits for what is owned, background does not, orphan leaves it", async () => {
    await Promise.all(["front", "back", "left"].map((name) => made(name)));
    await run("delete deployment front --cascade=foreground");
    expect(await names("rs,pods", "front")).toEqual([]);
    await run("delete deployment back --cascade=background");
    await eventually("nothing is left", async () => (await names("rs,pods", "back")).length === 0);
    await run("delete deployment left --cascade=orphan");
    const [set, ...pods] = await names("rs,pods", "left");
    expect(pods).toHaveLength(2);
    expect(await run(`get ${set} -o jsonpath={.metadata.ownerReferences}`)).toBe("");
    await run(`delete ${set} --cascade=orphan`);
    expect(await names("pods", "left")).toEqual(pods);
    expect(await run("get pods -l app=left -o jsonpath={.items[*].metadata.ownerReferences}")).toBe("");
    await made("left");
    expect(await names("pods", "left")).toEqual(pods);
    await run("delete deployment left --cascade=foreground");
    expect(await names("rs,pods", "left")).toEqual([]);
  });

  test("wait for a condition, a field, a creation and a deletion, and for too long", async () => {
    const later = cluster.start(["wait", "--for=create", "deployment/awaited", "--timeout=20s"]);
    await made("awaited");
    expect(await later.done).toMatchObject({ code: 0 });
    expect(await run("wait --for=condition=Available deployment/awaited --timeout=20s")).toContain("condition met");
    expect(await run("wait --for=condition=Ready pod -l app=awaited --timeout=20s")).toMatch(/(condition met\n){1}.*condition met\n/);
    expect(await run("wait --for=jsonpath={.status.readyReplicas}=2 deployment/awaited --timeout=20s")).toContain("condition met");
    expect(await run("wait --for=jsonpath={.status.podIP} pod -l app=awaited --timeout=20s")).toContain("condition met");
    const scaled = cluster.start(["wait", "--for=jsonpath={.status.replicas}=3", "deployment/awaited", "--timeout=20s"]);
    await run("scale deployment awaited --replicas=3");
    expect(await scaled.done).toMatchObject({ code: 0 });
    const late = await cluster.run(["wait", "--for=condition=Progressing=false", "deployment/awaited", "--timeout=1s"]);
    expect(late).toMatchObject({ code: 1 });
    expect(late.stderr).toContain("timed out waiting for the condition on deployments/awaited");
    const away = cluster.start(["wait", "--for=delete", "pod", "-l", "app=awaited", "--timeout=20s"]);
    await run("delete deployment awaited");
    expect(await away.done).toMatchObject({ code: 0 });
  });

  test("diff says nothing and 0 where all is as it should be, else the difference and 1", async () => {
    await made("diffed");
    expect(await diff(deployment("diffed"))).toMatchObject({ code: 0, stdout: "" });
    const changed = await diff(deployment("diffed", 5));
    expect(changed.code).toBe(1);
    expect(changed.stdout).toMatch(/^-\s+replicas: 2$/m);
    expect(changed.stdout).toMatch(/^\+\s+replicas: 5$/m);
    const fresh = await diff(deployment("fresh"));
    expect(fresh.code).toBe(1);
    expect(fresh.stdout).toMatch(/^\+\s+name: fresh$/m);
    expect((await cluster.run(["get", "deployment", "fresh"])).code).toBe(1);
    expect((await diff(deployment("diffed").replace("nginx:1", "nginx:9"), ["--server-side", "--force-conflicts"])).stdout).toContain(
      "nginx:9",
    );
    expect((await diff("{")).code).toBeGreaterThan(1);
  });

  test("debug makes a copy of a pod with one more container, and a pod on a node", async () => {
    await made("ailing", 1);
    const [name = ""] = await names("pods", "ailing");
    const copy = await cluster.run(["debug", name, "--copy-to=ailing-debug", "--image=busybox", "--profile=general"]);
    expect(copy).toMatchObject({ code: 0 });
    await run("wait --for=condition=Ready pod/ailing-debug --timeout=20s");
    expect(
      await run(
        "get pod ailing-debug -o jsonpath={.spec.containers[0].image},{.spec.containers[1].image}/{.metadata.ownerReferences}/{.metadata.labels}",
      ),
    ).toBe("nginx:1,busybox//");
    const onNode = await cluster.run(["debug", "node/node-a", "--image=busybox", "--profile=general", "--", "sleep", "60"]);
    expect(onNode.stdout + onNode.stderr).toMatch(/Creating debugging pod node-debugger-node-a-\S+ with container debugger on node node-a/);
    await eventually("it runs there", async () => {
      const columns = "NAME:.metadata.name,NODE:.spec.nodeName,PHASE:.status.phase";
      const pods = await run(`get pods -o custom-columns=${columns}`);
      return /node-debugger-node-a-\S+\s+node-a\s+Running/.test(pods);
    });
  });

  const diff = (input: string, args: readonly string[] = []): Promise<Outcome> => cluster.run(["diff", ...args, "-f", "-"], input);
});
