import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defaultCluster } from "@slash28/cluster-file";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  agentBook,
  agentPid,
  booksAgree,
  eventually,
  instanceNamespace,
  labUnderTest,
  run,
  webPod,
  workloadsOf,
  type Ran,
} from "../src/index.ts";

const lab = labUnderTest();
const { apply, running, pods } = workloadsOf(lab);
let namespace = "";
let rootDir = "";

beforeAll(async () => {
  // Every address is counted: no pods but those of the tests.
  await lab.up({ cluster: { ...defaultCluster({ nodes: 1 }), clusterDns: { enabled: false } } });
  const [node] = (await lab.status()).nodes;
  namespace = instanceNamespace(lab, node?.instanceId ?? "");
  rootDir = join(lab.runDir, "nodes", node?.instanceId ?? "");
}, 120_000);
afterAll(async () => {
  await lab.down();
}, 90_000);

describe("the CNI plugin, called as no kubelet would", () => {
  interface Call {
    readonly command: string;
    readonly container?: string;
    readonly netns?: string;
    readonly input?: string;
  }
  /** A process in a network namespace of its own stands for a pod. */
  let sleeper: ChildProcess | undefined;
  let netns = "";

  beforeAll(async () => {
    sleeper = spawn("unshare", ["--net", "sleep", "600"], { stdio: "ignore" });
    netns = `/proc/${sleeper.pid}/ns/net`;
    await eventually("the pod's namespace", async () => readFileSync(`/proc/${sleeper?.pid}/comm`, "utf8").trim() === "sleep");
  });
  afterAll(() => {
    sleeper?.kill("SIGKILL");
  });

  const config = (extra: object = {}): string =>
    JSON.stringify({
      cniVersion: "1.1.0",
      name: "aws-cni",
      type: "aws-cni",
      agentSocket: join(rootDir, "var/run/aws-node/slash28.sock"),
      ...extra,
    });
  /** The plugin that the agent installed on the node. */
  const plugin = ({ command, container = "c1", netns: where = netns, input = config() }: Call): Promise<Ran> =>
    run(join(rootDir, "opt/cni/bin/aws-cni"), [], {
      input,
      env: {
        CNI_COMMAND: command,
        CNI_CONTAINERID: container,
        CNI_NETNS: where,
        CNI_IFNAME: "eth0",
        CNI_ARGS: "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=by-hand",
        CNI_PATH: join(rootDir, "opt/cni/bin"),
      },
    });
  const codeOf = (ran: Ran): number => (JSON.parse(ran.stdout) as { code: number }).code;
  const addressOf = (ran: Ran): string => {
    expect(ran, ran.stdout).toMatchObject({ code: 0 });
    return (JSON.parse(ran.stdout) as { ips: { address: string }[] }).ips[0]?.address.replace("/32", "") ?? "";
  };
  const holders = async (): Promise<readonly string[]> => (await agentBook(namespace)).holders.map((pod) => pod.address);
  const addressesInPod = async (): Promise<string> =>
    (await run("nsenter", [`--net=${netns}`, "ip", "-o", "-4", "address", "show", "dev", "eth0"])).stdout;
  const kill = (): void => {
    const pid = agentPid(namespace);
    if (pid === undefined) throw new Error("no agent runs");
    process.kill(pid, "SIGKILL");
  };

  test("ADD twice is one address, DEL twice is fine", async () => {
    const first = addressOf(await plugin({ command: "ADD" }));
    const second = addressOf(await plugin({ command: "ADD" }));
    expect(second).toBe(first);
    expect(await holders()).toEqual([first]);
    expect(await addressesInPod()).toMatch(new RegExp(`inet ${first}/32 `));
    expect((await plugin({ command: "CHECK", input: config() })).code).toBe(0);
    for (const time of ["first", "second"]) expect(await plugin({ command: "DEL" }), time).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await holders()).toEqual([]);
    await booksAgree(lab);
  });

  test("DEL of a pod nobody knows, and of one whose namespace is gone, is fine", async () => {
    expect(await plugin({ command: "DEL", container: "never-seen" })).toEqual({ code: 0, stdout: "", stderr: "" });
    const ran = await plugin({ command: "DEL", container: "never-seen", netns: "/run/netns/never-there" });
    expect(ran).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("while the agent is away it says so with code 11; once back, ADD finds its address and DEL gives it back", async () => {
    const address = addressOf(await plugin({ command: "ADD" }));
    kill();
    for (const command of ["ADD", "DEL"]) {
      const ran = await plugin({ command });
      expect(ran.code, `${command}: ${ran.stdout}`).toBe(1);
      expect(codeOf(ran)).toBe(11);
    }
    const again = await eventually("the agent to answer", async () => {
      const ran = await plugin({ command: "ADD" });
      return ran.code === 0 ? ran : undefined;
    });
    expect(addressOf(again)).toBe(address);
    expect(await plugin({ command: "DEL" })).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await holders()).toEqual([]);
    await booksAgree(lab);
  });

  test.each<[string, () => string, number]>([
    ["nothing", () => "", 6],
    ["half a document", () => config().slice(0, 20), 6],
    ["a list", () => "[]", 6],
    ["noise", () => "\u0000\u00ff{{", 6],
    ["a version of the future", () => config({ cniVersion: "9.9.9" }), 1],
    ["a version long gone", () => config({ cniVersion: "0.1.0" }), 1],
    ["no version", () => config({ cniVersion: undefined }), 1],
    ["a version that is no text", () => config({ cniVersion: 1 }), 1],
    ["no name", () => config({ name: undefined }), 7],
  ])("%s on stdin is refused in the CNI's own words", async (_, input, code) => {
    const ran = await plugin({ command: "ADD", input: input() });
    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.stdout)).toEqual({
      cniVersion: expect.stringMatching(/^\d\.\d\.\d$/),
      code,
      msg: expect.stringMatching(/\w+ \w+/),
    });
    expect(await holders()).toEqual([]);
  });

  test("an unknown verb and a missing namespace are refused; VERSION needs no agent and no input", async () => {
    expect(codeOf(await plugin({ command: "FETCH" }))).toBe(4);
    expect(codeOf(await plugin({ command: "ADD", netns: "" }))).toBe(4);
    const version = await plugin({ command: "VERSION", input: "" });
    expect(version.code).toBe(0);
    expect(JSON.parse(version.stdout)).toEqual({ cniVersion: "1.1.0", supportedVersions: ["0.3.1", "0.4.0", "1.0.0", "1.1.0"] });
    expect((await lab.status()).nodes[0]?.ready).toBe(true);
  });
});

describe("settings that are wrong", () => {
  const WRONG = {
    WARM_IP_TARGET: "many",
    AWS_VPC_ENI_MTU: "9001 bytes",
    AWS_VPC_K8S_CNI_VETHPREFIX: "ethernet",
    ENABLE_PREFIX_DELEGATION: "yes",
  };

  test("are told once each, loudly, and the node runs with the defaults", async () => {
    const held = (await lab.status()).nodes[0]?.addresses.held;
    await apply(webPod("before", "kept"));
    const before = await running(1, 30_000, "-l", "app=kept");
    const values = Object.entries(WRONG).map(([name, value]) => `${name}=${value}`);
    await lab.kubectl(["set", "env", "daemonset", "aws-node", "-n", "kube-system", ...values]);
    await lab.kubectl(["rollout", "status", "daemonset", "aws-node", "-n", "kube-system", "--timeout=60s"], { timeoutMs: 90_000 });
    const lines = (await lab.kubectl(["logs", "-n", "kube-system", "daemonset/aws-node"]))
      .split("\n")
      .filter((line) => line.startsWith("{"));
    const told = lines.map((line) => JSON.parse(line) as Record<string, string>);
    for (const [variable, given] of Object.entries(WRONG)) {
      const about = told.filter((line) => line["variable"] === variable);
      expect(about, variable).toHaveLength(1);
      expect(about[0]).toMatchObject({
        level: "error",
        given,
        used: expect.any(String),
        why: expect.stringMatching(/^(is|must) /),
      });
    }
    await apply(webPod("after", "kept"));
    const after = await running(2, 30_000, "-l", "app=kept");
    expect(after.find((pod) => pod.metadata.name === "before")?.status.podIP).toBe(before[0]?.status.podIP);
    expect((await lab.status()).nodes[0]?.addresses.held).toBe(held);
    await booksAgree(lab);
    expect((await pods("-l", "app=kept")).length).toBe(2);
  });
});
