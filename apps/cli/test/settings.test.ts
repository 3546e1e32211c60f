import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExplainedSettings } from "@slash28/ipam";
import { afterAll, describe, expect, test } from "vitest";
import { runCommand } from "./run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "slash28-settings-"));
const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function explained(args: readonly string[]): Promise<ExplainedSettings> {
  const { code, out, err } = await runCommand(["settings", "explain", ...args, "-o", "json"]);
  if (code !== 0) throw new Error(err);
  return JSON.parse(out) as ExplainedSettings;
}

/** A kubeconfig of an API server that has one object, or none. */
async function kubeconfigOf(path: string, object: unknown): Promise<string> {
  const server = createServer((request, response) => {
    const isThere = request.url === path;
    response.writeHead(isThere ? 200 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify(isThere ? object : { kind: "Status", status: "Failure", reason: "NotFound", code: 404 }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  servers.push(server);
  const config = {
    "current-context": "c",
    clusters: [{ name: "k", cluster: { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` } }],
    users: [{ name: "u", user: {} }],
    contexts: [{ name: "c", context: { cluster: "k", user: "u" } }],
  };
  return file(`kubeconfig-${servers.length}`, JSON.stringify(config));
}

const AWS_NODE = "/apis/apps/v1/namespaces/kube-system/daemonsets/aws-node";

function daemonSet(env: readonly object[]): object {
  const containers = [
    { name: "aws-eks-nodeagent", env: [{ name: "WARM_IP_TARGET", value: "99" }] },
    { name: "aws-node", env },
  ];
  return { apiVersion: "apps/v1", kind: "DaemonSet", metadata: { name: "aws-node" }, spec: { template: { spec: { containers } } } };
}

describe("slash28 settings explain", () => {
  test("an env file: values, sources, precedence, mistakes", async () => {
    const path = file(
      "aws-node.env",
      "# DaemonSet aws-node, container aws-node\nWARM_ENI_TARGET=1\nWARM_IP_TARGET=5\n\nAWS_VPC_ENI_MTU=90000\nWARM_IP_TARGETS=3\n",
    );
    const { code, out } = await runCommand(["settings", "explain", "--env-file", path]);
    expect(code).toBe(0);
    const line = (variable: string) => out.split("\n").find((candidate) => candidate.startsWith(`${variable} `)) ?? "";
    expect(line("WARM_IP_TARGET")).toMatch(/5 +given +overrides WARM_ENI_TARGET/);
    expect(line("WARM_ENI_TARGET")).toMatch(/1 +manifest +no effect: overridden by WARM_IP_TARGET: /);
    expect(line("AWS_VPC_ENI_MTU")).toMatch(/9001 +default +"90000" is not a whole number, from 576 to 9001; 9001 is used/);
    expect(line("MAX_ENI")).toMatch(/none +default$/);
    expect(out).toContain("given, and not read:\n  WARM_IP_TARGETS=3: there is no such setting; was WARM_IP_TARGET meant?");
  });

  test("without an environment: the defaults", async () => {
    const { settings, unread } = await explained([]);
    expect(settings.every(({ source }) => source === "default")).toBe(true);
    expect(unread).toEqual([]);
  });

  test("from a cluster: the agent's container; fields shown by name, other sources told", async () => {
    const kubeconfig = await kubeconfigOf(
      AWS_NODE,
      daemonSet([
        { name: "WARM_IP_TARGET", value: "7" },
        { name: "MY_NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
        { name: "CLUSTER_NAME", valueFrom: { configMapKeyRef: { name: "facts", key: "cluster" } } },
      ]),
    );
    const { code, out, err } = await runCommand(["settings", "explain", "--from-cluster", "--kubeconfig", kubeconfig]);
    expect(code).toBe(0);
    expect(out).toMatch(/^WARM_IP_TARGET +7 +given/m);
    expect(out).toMatch(/^MY_NODE_NAME +\$\(spec\.nodeName\) +manifest/m);
    expect(out).toMatch(/^CLUSTER_NAME +none +default/m);
    expect(err).toBe("CLUSTER_NAME from configMapKeyRef: not read, taken as not given\n");
  });

  test("a cluster without the DaemonSet is told so", async () => {
    const kubeconfig = await kubeconfigOf("/elsewhere", {});
    expect(await runCommand(["settings", "explain", "--from-cluster", "--kubeconfig", kubeconfig])).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringContaining("the cluster has no DaemonSet kube-system/aws-node"),
    });
  });

  test.each([
    ["WARM_IP_TARGET=1\nnonsense\n", ':2: "nonsense" is not KEY=VALUE'],
    [" A=1\n", ':1: " A=1" is not KEY=VALUE'],
    ["export A=1\n", ":1:"],
    ['A="1"\n', ":1: the quotes would be part of A's value; leave them out"],
    ["A=1\n\nA=2\n", ':3: A is "1" in line 1 already'],
  ])("the env file %j is a usage mistake at a line", async (text, said) => {
    const { code, out, err } = await runCommand(["settings", "explain", "--env-file", file("bad.env", text)]);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toContain(`bad.env${said}`);
  });

  test("a value may hold anything, to the end of its line", async () => {
    const path = file("tags.env", 'ADDITIONAL_ENI_TAGS={"team":"net=core"}\r\nMAX_ENI=\nMAX_ENI=\n');
    const { settings } = await explained(["--env-file", path]);
    expect(settings.find(({ variable }) => variable === "ADDITIONAL_ENI_TAGS")?.value).toBe('{"team":"net=core"}');
  });

  test("a kubeconfig whose user runs a program, as EKS's does: the way through kubectl is told", async () => {
    const eks = {
      "current-context": "c",
      clusters: [{ name: "k", cluster: { server: "https://127.0.0.1:1" } }],
      users: [{ name: "u", user: { exec: { command: "/nonexistent/aws" } } }],
      contexts: [{ name: "c", context: { cluster: "k", user: "u" } }],
    };
    const { code, err } = await runCommand(["settings", "explain", "--from-cluster", "--kubeconfig", file("eks", JSON.stringify(eks))]);
    expect(code).toBe(1);
    expect(err).toMatch(/credential plugin.*\nor: kubectl set env daemonset\/aws-node .*--list > aws-node\.env/);
  });

  test.each([
    [["--env-file", "/nonexistent/a.env"], "there is no such file"],
    [["--env-file", "a", "--from-cluster"], "not both"],
    [["--kubeconfig", "a"], "--kubeconfig goes with --from-cluster"],
    [["--from-cluster", "--kubeconfig", "/nonexistent/k"], "cannot read the kubeconfig /nonexistent/k"],
  ])("%j is a usage mistake: %s", async (args, said) => {
    const { code, err } = await runCommand(["settings", "explain", ...args]);
    expect(code).toBe(2);
    expect(err).toContain(said);
  });
});
