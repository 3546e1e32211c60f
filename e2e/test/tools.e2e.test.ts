import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defaultCluster, type ClusterFileInput } from "@slash28/cluster-file";
import type { DefragPlan, ExplainedSettings } from "@slash28/ipam";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, labUnderTest, run } from "../src/index.ts";

interface NodeDefrag extends DefragPlan {
  readonly node: string;
}

describe("tools for operators, on a lab without packets", () => {
  const lab = labUnderTest();
  const folder = mkdtempSync("/run/s28-tools-");
  const cluster: ClusterFileInput = {
    // Every address is counted: no pod of the system may take one.
    clusterDns: { enabled: false },
    vpc: { subnets: [{ zone: "us-east-1a", cidr: "10.0.0.0/20" }] },
    nodeGroups: [{ name: "only", instanceType: "m5.large", nodes: 1, maxPods: 110 }],
    vpcCni: { env: { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1", WARM_IP_TARGETS: "3", IP_COOLDOWN_PERIOD: "1" } },
  };
  const PODS = 20;
  let node = "";

  beforeAll(async () => {
    await lab.up({ cluster, args: ["--data-plane", "simulated"] });
    node = (await lab.status()).nodes[0]?.name ?? "";
    const pods = Array.from({ length: PODS }, (_, at) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: `p${at}` },
      spec: { containers: [{ name: "web", image: "nginx" }] },
    }));
    await lab.kubectl(["apply", "--validate=false", "-f", "-"], { input: JSON.stringify({ apiVersion: "v1", kind: "List", items: pods }) });
    await lab.kubectl(["wait", "pods", "--all", "--for=condition=Ready", "--timeout=60s"], { timeoutMs: 70_000 });
  }, 120_000);
  afterAll(async () => {
    await lab.down();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  const defrag = async (...args: readonly string[]): Promise<readonly NodeDefrag[]> => {
    const ran = await lab.slash28(["node", "defrag", "--dry-run", "-o", "json", ...args]);
    if (ran.code !== 0) throw new Error(ran.stderr);
    return JSON.parse(ran.stdout) as NodeDefrag[];
  };

  test("settings explain tells what the running DaemonSet's environment means", async () => {
    const ran = await lab.slash28(["settings", "explain", "--from-cluster", "-o", "json"]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    const { settings, unread } = JSON.parse(ran.stdout) as ExplainedSettings;
    const setting = (variable: string) => settings.find((candidate) => candidate.variable === variable);
    expect(setting("ENABLE_PREFIX_DELEGATION")).toMatchObject({ value: "true", source: "given", overrides: ["WARM_ENI_TARGET"] });
    expect(setting("WARM_ENI_TARGET")).toMatchObject({ source: "manifest", hasEffect: false });
    expect(setting("MY_NODE_NAME")).toMatchObject({ value: "$(spec.nodeName)" });
    expect(unread.map(({ variable, meant }) => [variable, meant])).toContainEqual(["WARM_IP_TARGETS", "WARM_IP_TARGET"]);
  });

  test("settings explain reads what kubectl lists", async () => {
    const path = join(folder, "aws-node.env");
    writeFileSync(path, await lab.kubectl(["set", "env", "daemonset/aws-node", "-n", "kube-system", "-c", "aws-node", "--list"]));
    const ran = await lab.slash28(["settings", "explain", "--env-file", path]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.stdout).toMatch(/^ENABLE_PREFIX_DELEGATION +true +given +overrides WARM_ENI_TARGET$/m);
  });

  test("node defrag names the pods whose drain gives a prefix back", async () => {
    const [full] = await defrag();
    expect(full).toMatchObject({ node, frees: 0, drain: [] });
    expect(full?.prefixes.map(({ pods, advice }) => [pods.length, advice])).toEqual([
      [16, "keep"],
      [4, "keep"],
    ]);

    const leaving = full?.prefixes[0]?.pods.slice(0, 6).map((pod) => pod.replace("default/", "")) ?? [];
    await lab.kubectl(["delete", "pods", ...leaving, "--grace-period=0", "--force"]);
    const after = await eventually("six pods to be gone", async () => {
      const [plan] = await defrag("--node", node);
      return plan !== undefined && plan.prefixes[0]?.pods.length === 10 && plan;
    });
    expect(after).toMatchObject({ frees: 16, drain: full?.prefixes[1]?.pods });

    const enis = join(folder, "saved.json");
    const instance = (await lab.status()).nodes[0]?.instanceId ?? "";
    const saved = await run("curl", [
      "-sf",
      "--unix-socket",
      join(lab.runDir, "nodes", instance, "var/run/aws-node/introspection.sock"),
      "http://localhost/v1/enis",
    ]);
    writeFileSync(enis, saved.stdout);
    const { prefixes, drain, frees } = after;
    expect(await defrag("--enis-file", enis)).toMatchObject([{ node: "saved", prefixes, drain, frees }]);
  });

  test("support-bundle holds the node's journal and reports, says what there is not, and no token", async () => {
    const path = join(folder, "node.tar.gz");
    const ran = await lab.slash28(["support-bundle", "--node", node, "--output", path, "-o", "json"]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    const bundle = JSON.parse(ran.stdout) as { readonly files: readonly { readonly path: string }[]; readonly notes: readonly string[] };
    expect(bundle.notes).toContain("kernel: the data plane is simulated, there is no kernel state");
    const top = bundle.files[0]?.path.split("/")[0] ?? "";
    const listed = (await run("tar", ["-tzf", path])).stdout.split("\n").filter((name) => name !== "" && !name.endsWith("/"));
    expect(listed.toSorted()).toEqual(bundle.files.map((file) => file.path).toSorted());
    for (const part of [
      "files/var/run/aws-node/ipam.journal",
      "files/etc/cni/net.d/10-aws.conflist",
      "agent/v1/enis.txt",
      "agent/metrics.txt",
      "kubernetes/aws-node.json",
    ]) {
      expect(listed).toContain(`${top}/${part}`);
    }
    expect(listed.some((name) => /var\/log\/pods\/kube-system_aws-node-.*\.log$/.test(name))).toBe(true);
    const whole = (await run("tar", ["-xzOf", path])).stdout;
    expect(whole).toMatch(/^awscni_total_ipv4_prefixes [23]$/m);
    expect(whole).toContain(`"name": "${node}"`);
    expect(whole).not.toMatch(/eyJ[\w-]+\.[\w-]+\./);
    expect(whole).not.toContain("PRIVATE KEY");
  });

  test("support-bundle of a node that is not there names those that are", async () => {
    const ran = await lab.slash28(["support-bundle", "--node", "nobody"]);
    expect(ran).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(`there is no node nobody; there is ${node}`) });
  });
});

describe("support-bundle on a lab with packets", () => {
  const lab = labUnderTest();
  const folder = mkdtempSync("/run/s28-tools-");
  beforeAll(async () => {
    await lab.up({ cluster: defaultCluster({ nodes: 1 }) });
  }, 120_000);
  afterAll(async () => {
    await lab.down();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  test("holds the kernel's state in the node's own namespace", async () => {
    const [node] = (await lab.status()).nodes;
    const path = join(folder, "node.tar.gz");
    const ran = await lab.slash28(["support-bundle", "--node", node?.name ?? "", "--output", path, "-o", "json"]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    const bundle = JSON.parse(ran.stdout) as { readonly files: readonly { readonly path: string }[]; readonly notes: readonly string[] };
    expect(bundle.notes.filter((note) => !note.startsWith("the agent answers"))).toEqual([]);
    const textOf = async (part: string): Promise<string> => {
      const name = bundle.files.find((file) => file.path.endsWith(part))?.path ?? part;
      return (await run("tar", ["-xzOf", path, name])).stdout;
    };
    expect(await textOf("kernel/addresses.txt")).toContain(`inet ${node?.address}/`);
    expect(await textOf("kernel/rules.txt")).toContain("lookup main");
    expect(await textOf("kernel/routes.txt")).toContain("default via ");
    expect(await textOf("kernel/links.txt")).toContain("lo: <LOOPBACK");
    expect(await textOf("kernel/nftables.txt")).toContain("table ip");
  });
});

test("the command takes its own --env-file, which Node would read as its own, and says what is wrong with it", async () => {
  const program = fileURLToPath(new URL("../../apps/cli/bin/slash28.mjs", import.meta.url));
  const ran = await run(program, ["settings", "explain", "--env-file", "/nonexistent.env"]);
  expect(ran).toMatchObject({ code: 2, stdout: "", stderr: "slash28: cannot read the env file /nonexistent.env: there is no such file\n" });
});
