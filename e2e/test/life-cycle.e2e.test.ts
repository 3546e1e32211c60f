import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defaultCluster } from "@slash28/cluster-file";
import { afterEach, expect, test } from "vitest";
import { eventually, labUnderTest, run, tracesOf, type LabUnderTest } from "../src/index.ts";

const program = fileURLToPath(new URL("../../apps/cli/bin/slash28.mjs", import.meta.url));
const labs: LabUnderTest[] = [];
const files: string[] = [];

function newLab(): LabUnderTest {
  const lab = labUnderTest();
  labs.push(lab);
  return lab;
}

afterEach(async () => {
  for (const lab of labs.splice(0)) await lab.down();
  for (const file of files.splice(0)) rmSync(file, { force: true });
}, 90_000);

function clusterFile(lab: LabUnderTest, nodes = 1): string {
  const path = join(lab.runDir, "..", `${lab.name}.yaml`);
  writeFileSync(path, JSON.stringify({ ...defaultCluster({ nodes }), name: lab.name }));
  files.push(path);
  return path;
}

/** Starts `lab up` in the foreground and hands over the process. */
function foreground(
  lab: LabUnderTest,
  file: string,
): { readonly child: ReturnType<typeof spawn>; readonly said: () => string; readonly ended: Promise<number> } {
  const child = spawn(process.execPath, [program, "lab", "up", "--file", file, "--api-port", "0", "--aws-port", "0"], {
    env: { ...process.env, SLASH28_RUN_DIR: lab.runDir },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stdout?.on("data", (part: Buffer) => (said += part.toString("utf8")));
  child.stderr?.on("data", (part: Buffer) => (said += part.toString("utf8")));
  const ended = new Promise<number>((resolve) => child.on("close", (code) => resolve(code ?? 128)));
  return { child, said: () => said, ended };
}

test("up, status, a second up, down, and down again", async () => {
  const lab = newLab();
  expect((await lab.slash28(["lab", "status"])).stderr).toContain("no lab is running; start one with: slash28 lab up");
  await lab.up({ cluster: defaultCluster({ nodes: 1 }) });
  const status = await lab.status();
  expect(status).toMatchObject({ state: "running", nodes: [{ instanceType: "m5.large", zone: "us-east-1a", maxPods: 29, ready: true }] });
  expect(status.nodes[0]).toMatchObject({
    name: expect.stringMatching(/^ip-10-0-/),
    instanceId: expect.stringMatching(/^i-[0-9a-f]{17}$/),
    address: expect.stringMatching(/^10\.0\./),
  });
  expect(status.subnets).toHaveLength(2);
  const { name, region, endpoints, nodes } = status;
  expect(JSON.parse((await lab.slash28(["lab", "status", "-o", "json"])).stdout)).toMatchObject({
    name,
    region,
    state: "running",
    endpoints,
    nodes: nodes.map(({ instanceId, maxPods, ready }) => ({ instanceId, maxPods, ready })),
  });
  const again = await lab.slash28(["lab", "up", "--detach"]);
  expect(again.stderr).toContain("a lab is already running");
  expect(again.stdout).toContain(status.nodes[0]?.instanceId);
  const end = await lab.slash28(["lab", "down"]);
  expect(end).toMatchObject({ code: 0, stderr: expect.stringContaining("the lab is gone") });
  expect(await tracesOf(lab)).toEqual([]);
  expect(await lab.slash28(["lab", "down"])).toMatchObject({ code: 0, stderr: expect.stringContaining("no lab was running") });
});

test("Ctrl-C in the foreground leaves nothing behind", async () => {
  const lab = newLab();
  const { child, said, ended } = foreground(lab, clusterFile(lab));
  await eventually("the lab to show itself", async () => said().includes("KUBECONFIG="), 60_000);
  child.kill("SIGINT");
  await ended;
  expect(await tracesOf(lab)).toEqual([]);
});

test("killed at any moment of its start, the lab goes away with `lab down`", async () => {
  const seed = Number(process.env["SLASH28_SEED"] ?? Date.now() % 100_000);
  for (let round = 0; round < 4; round++) {
    const lab = newLab();
    const { child, said, ended } = foreground(lab, clusterFile(lab, 2));
    const afterMs = ((seed * 7919 + round * 104_729) % 40) * 100;
    const start = Date.now();
    await eventually(
      `the moment to strike (seed ${seed}, round ${round}, ${afterMs} ms)`,
      async () => Date.now() - start >= afterMs,
      10_000,
    );
    const supervisor = (await run("pgrep", ["-f", `dist/lab.mjs ${lab.runDir}`])).stdout.trim().split("\n").filter(Boolean).map(Number);
    for (const pid of supervisor) process.kill(pid, "SIGKILL");
    child.kill("SIGKILL");
    await ended;
    const end = await lab.slash28(["lab", "down"]);
    expect(end.code, `seed ${seed}, round ${round}: ${said()}${end.stderr}`).toBe(0);
    expect(await tracesOf(lab), `seed ${seed}, round ${round}, killed after ${afterMs} ms`).toEqual([]);
  }
});

test("a port in use is named, with the flag that chooses another", async () => {
  const lab = newLab();
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const ran = await lab.slash28(["lab", "up", "--detach", "--file", clusterFile(lab), "--aws-port", "0", "--api-port", String(port)]);
  server.close();
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain(`port ${port} on 127.0.0.1 is in use; choose another with --api-port`);
  expect(await tracesOf(lab)).toEqual([]);
});

test("a broken cluster file is told with line and column, and nothing starts", async () => {
  const lab = newLab();
  const path = join(mkdtempSync("/run/s28-file-"), "cluster.yaml");
  writeFileSync(
    path,
    "name: demo\nvpc:\n  subnets:\n    - { zone: us-east-1a, cidr: 10.0.0.0/33 }\nnodeGroups:\n  - { name: a, instanceType: m5.large, nodes: 1 }\n",
  );
  const ran = await lab.slash28(["lab", "up", "--detach", "--file", path]);
  rmSync(join(path, ".."), { recursive: true });
  expect(ran.code).toBe(2);
  expect(ran.stderr).toMatch(/cluster\.yaml:4:33: vpc\.subnets\.0\.cidr: "10\.0\.0\.0\/33" is not an IPv4 CIDR range/);
  expect(await tracesOf(lab)).toEqual([]);
});

test("without packets the same control plane runs", async () => {
  const lab = newLab();
  await lab.up({ cluster: defaultCluster({ nodes: 2 }), args: ["--data-plane", "simulated"] });
  expect(await lab.status()).toMatchObject({ state: "running", dataPlane: "simulated" });
  await lab.kubectl(["create", "deployment", "web", "--image=nginx", "--replicas=4"]);
  await lab.kubectl(["rollout", "status", "deployment", "web", "--timeout=60s"]);
  const addresses = await lab.kubectl(["get", "pods", "-l", "app=web", "-o", "jsonpath={.items[*].status.podIP}"]);
  expect(addresses.split(" ").every((address) => address.startsWith("10.0."))).toBe(true);
  expect((await run("ip", ["netns", "list"])).stdout).not.toContain(`s28-${lab.name}-`);
  expect((await lab.slash28(["lab", "verify"])).stderr).toContain("data plane is simulated");
});
