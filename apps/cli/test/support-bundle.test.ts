import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labPaths, type NodeEvidence } from "@slash28/lab";
import { afterAll, describe, expect, test } from "vitest";
import { bundleName, writeBundle } from "../src/support-bundle/write-bundle.ts";
import { runCommand } from "./run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "slash28-support-"));
const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

const collectedAt = new Date("2026-01-02T03:04:05.678Z");
const { env } = process;
const evidence: NodeEvidence = {
  node: "n1",
  instanceId: "i-1",
  files: [
    { path: "files/var/run/aws-node/ipam.journal", latin1: "ok\n\u00ff\u0000torn" },
    { path: "agent/v1/enis.txt", latin1: "{}" },
  ],
  notes: ["kernel: there is none"],
};

/** A supervisor that knows one node. */
async function labOf(): Promise<string> {
  const runDir = mkdtempSync(join(folder, "lab-"));
  const server = createServer((request, response) => {
    if (request.url === "/evidence/n1") response.end(JSON.stringify(evidence));
    else if (request.url === "/status") response.end(JSON.stringify({ state: "running" }));
    else response.writeHead(500).end("there is no node n2; there is n1");
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(labPaths(runDir).control, resolve));
  return runDir;
}

describe("a bundle", () => {
  test("holds every file byte for byte, and only its owner may read it", async () => {
    const path = join(folder, "whole.tar.gz");
    const bundle = await writeBundle(evidence, { path, env, collectedAt });
    const name = "slash28-n1-20260102T030405Z";
    expect(bundle.files.map((file) => file.path)).toEqual([
      `${name}/contents.json`,
      `${name}/files/var/run/aws-node/ipam.journal`,
      `${name}/agent/v1/enis.txt`,
    ]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    execFileSync("tar", ["-xzf", path, "-C", folder]);
    expect(readFileSync(join(folder, name, "files/var/run/aws-node/ipam.journal"))).toEqual(Buffer.from("ok\n\u00ff\u0000torn", "latin1"));
    expect(JSON.parse(readFileSync(join(folder, name, "contents.json"), "utf8"))).toEqual({
      node: "n1",
      instanceId: "i-1",
      collectedAt: "2026-01-02T03:04:05.678Z",
      notes: ["kernel: there is none"],
    });
  });

  test("without tar: said, and no half a file", async () => {
    const path = join(folder, "none.tar.gz");
    await expect(writeBundle(evidence, { path, env: { PATH: folder }, collectedAt })).rejects.toThrow("there is no tar on this machine");
    expect(existsSync(path)).toBe(false);
  });

  test("a folder that is not there is told by name", async () => {
    const path = join(folder, "nowhere", "x.tar.gz");
    await expect(writeBundle(evidence, { path, env, collectedAt })).rejects.toThrow(`${path} could not be written`);
  });

  test("a path that leads out of it is refused", async () => {
    const outside: NodeEvidence = { ...evidence, files: [{ path: "../../outside", latin1: "" }] };
    await expect(writeBundle(outside, { path: join(folder, "out.tar.gz"), env, collectedAt })).rejects.toThrow("leads out");
  });

  test("a node's name makes no folder of its own", () => {
    expect(bundleName("../n1", collectedAt)).toBe("slash28-.._n1-20260102T030405Z");
  });
});

describe("slash28 support-bundle", () => {
  test("lists what is in it as JSON and as text, and overwrites nothing", async () => {
    const runDir = await labOf();
    const path = join(folder, "node.tar.gz");
    const { code, out } = await runCommand(["support-bundle", "--node", "n1", "--output", path, "-o", "json"], runDir);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ bundle: path, node: "n1", notes: ["kernel: there is none"] });
    expect(execFileSync("tar", ["-tzf", path], { encoding: "utf8" })).toContain("/agent/v1/enis.txt\n");
    expect(await runCommand(["support-bundle", "--node", "n1", "--output", path], runDir)).toMatchObject({
      code: 2,
      err: expect.stringContaining("is there already"),
    });
    const shown = await runCommand(["support-bundle", "--node", "n1", "--output", `${path}.2`], runDir);
    expect(shown.out).toMatch(/^FILE +BYTES\n[\s\S]*missing or cut:\n {2}kernel: there is none\n\n.*node\.tar\.gz\.2; look through it/);
  });

  test("a node that is not there, no lab, no node named", async () => {
    const runDir = await labOf();
    expect(await runCommand(["support-bundle", "--node", "n2"], runDir)).toMatchObject({
      code: 1,
      err: "there is no node n2; there is n1\n",
    });
    expect(await runCommand(["support-bundle", "--node", "n1"])).toMatchObject({
      code: 1,
      err: expect.stringContaining("no lab is running"),
    });
    expect(await runCommand(["support-bundle"])).toMatchObject({ code: 2, err: expect.stringContaining("--here") });
    expect(await runCommand(["support-bundle", "--node", "n1", "--root", folder], runDir)).toMatchObject({ code: 2 });
  });
});

/** A node's files and its agent's socket. */
async function nodeOnDisk(): Promise<{ readonly root: string; readonly env: NodeJS.ProcessEnv }> {
  const root = mkdtempSync(join(folder, "node-"));
  mkdirSync(join(root, "var/run/aws-node"), { recursive: true });
  writeFileSync(join(root, "var/run/aws-node/ipam.journal"), "a line\n");
  const socket = join(root, "agent.sock");
  const server = createServer((request, response) => response.end(`${request.url} AWS_SECRET_ACCESS_KEY=hush`));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return { root, env: { PATH: env["PATH"], SLASH28_AGENT_SOCKET: socket, MY_NODE_NAME: "n7" } };
}

describe("slash28 support-bundle --here", () => {
  test("collects the node that it runs on: disk, agent and kernel, and says that no API server was asked", async () => {
    const node = await nodeOnDisk();
    const path = join(folder, "here.tar.gz");
    const ran = await runCommand(["support-bundle", "--here", "--root", node.root, "--output", path, "-o", "json"], undefined, node.env);
    expect(ran).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(ran.out)).toMatchObject({
      node: "n7",
      notes: expect.arrayContaining(["kubernetes: name a cluster with --kubeconfig"]),
    });
    const whole = execFileSync("tar", ["-xzOf", path], { encoding: "utf8" });
    expect(whole).toContain("a line\n");
    expect(whole).toContain("/v1/enis AWS_SECRET_ACCESS_KEY=(removed)");
    expect(whole).not.toContain("hush");
    expect(execFileSync("tar", ["-tzf", path], { encoding: "utf8" })).toMatch(/^slash28-n7-.*\/agent\/metrics\.txt$/m);
  });

  test("without an agent it says so and collects the rest; a kubeconfig that is not there is a mistake", async () => {
    const node = await nodeOnDisk();
    const away = { ...node.env, SLASH28_AGENT_SOCKET: join(node.root, "nobody.sock") };
    const args = ["support-bundle", "--here", "--root", node.root, "-o", "json", "--output"];
    const { out } = await runCommand([...args, join(folder, "away.tar.gz")], undefined, away);
    expect(JSON.parse(out)).toMatchObject({ notes: expect.arrayContaining(["the agent does not answer at /healthz"]) });
    const none = join(node.root, "none");
    const refused = await runCommand([...args, join(folder, "never.tar.gz"), "--kubeconfig", none], undefined, node.env);
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining(none) });
    expect(existsSync(join(folder, "never.tar.gz"))).toBe(false);
  });
});
