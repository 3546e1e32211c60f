import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { CHECKS } from "@slash28/advisor";
import { fc, test as property } from "@fast-check/vitest";
import { afterAll, describe, expect, test } from "vitest";
import { readSupportTarball } from "../src/doctor/read-support-tarball.ts";
import { tarEntries } from "../src/doctor/tar-entries.ts";
import { runCommand } from "./run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "slash28-doctor-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Files below a folder of its own. */
function saved(name: string, files: Readonly<Record<string, unknown>>): string {
  const at = join(folder, name);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(at, path)), { recursive: true });
    writeFileSync(join(at, path), typeof content === "string" || Buffer.isBuffer(content) ? content : JSON.stringify(content));
  }
  return at;
}

/** By the machine's own tar, as the support script makes it. */
function tarred(name: string, files: Readonly<Record<string, unknown>>, flags: readonly string[] = []): string {
  const target = join(folder, `${name}.tar`);
  const ran = spawnSync("tar", [...flags, "-cf", target, "-C", dirname(saved(`${name}-files/var/log`, files)), "log"]);
  expect(ran.status).toBe(0);
  return target;
}

const NODE = {
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: "n1", labels: { "topology.kubernetes.io/zone": "us-east-1a", "node.kubernetes.io/instance-type": "m5.large" } },
  spec: { providerID: "aws:///us-east-1a/i-0123456789abcdef0" },
  status: {
    capacity: { pods: "29" },
    conditions: [{ type: "Ready", status: "True" }],
    addresses: [{ type: "InternalIP", address: "10.0.0.4" }],
  },
};
const INSTANCE = {
  InstanceId: "i-0123456789abcdef0",
  InstanceType: "m5.large",
  State: { Name: "running" },
  SubnetId: "subnet-1",
  VpcId: "vpc-1",
  Tags: [],
};
const subnet = (free: number): object => ({
  Subnets: [
    {
      SubnetId: "subnet-1",
      VpcId: "vpc-1",
      AvailabilityZone: "us-east-1a",
      CidrBlock: "10.0.0.0/24",
      AvailableIpAddressCount: free,
      Tags: [],
    },
  ],
});
const cluster = (free: number): Readonly<Record<string, unknown>> => ({
  "k8s/nodes.json": { apiVersion: "v1", kind: "List", items: [NODE] },
  "aws/subnets.json": subnet(free),
  "aws/instances.json": { Reservations: [{ Instances: [INSTANCE] }] },
});

describe("slash28 doctor --snapshot", () => {
  test("reads files saved by hand, in folders, and tells what is wrong, the proof, the fix, its risk and effect", async () => {
    const { code, out } = await runCommand(["doctor", "--snapshot", saved("full", cluster(0))]);
    expect(code).toBe(0);
    expect(out).toMatch(/: \d+ critical/);
    expect(out).toMatch(/CRITICAL .*\(subnet-full\)/);
    for (const line of [
      "what:    Subnet subnet-1",
      "proof:   subnet-1 (10.0.0.0/24, us-east-1a) has 0 of 251 addresses free",
      "why: ",
      "fix: ",
      "risk: ",
      "effect: ",
    ])
      expect(out).toContain(line);
  });

  test.each([
    ["critical", cluster(0), 1],
    ["info", cluster(0), 1],
    ["info", { "nodes.json": { kind: "NodeList", apiVersion: "v1", items: [NODE] } }, 0],
  ] as const)("with --fail-on %s the exit code tells whether there is such a finding (%#)", async (limit, files, exit) => {
    const { code, out } = await runCommand([
      "doctor",
      "--snapshot",
      saved(`fail-${limit}-${exit}`, files),
      "--fail-on",
      limit,
      "-o",
      "json",
    ]);
    expect(code).toBe(exit);
    expect((JSON.parse(out) as { findings: { id: string }[] }).findings.some(({ id }) => id === "subnet-full")).toBe(exit === 1);
  });

  test("a file that is nothing is noted and does not stop the rest", async () => {
    const { err, out } = await runCommand(["doctor", "--snapshot", saved("odd", { ...cluster(0), "odd.json": { a: 1 } })]);
    expect(err).toMatch(/note: odd\.json: nothing in it is known/);
    expect(out).toContain("subnet-full");
  });

  test("a snapshot's manifest tells when it was taken and what could not be read", async () => {
    const manifest = {
      kind: "Slash28Snapshot",
      format: 1,
      takenAt: "2026-01-02T03:04:05.000Z",
      cluster: "prod",
      unread: [{ from: "kubectl get events -A -o json", code: "Forbidden", message: "no", needs: "list events" }],
    };
    const { out } = await runCommand(["doctor", "--snapshot", saved("told", { ...cluster(0), "snapshot.json": manifest })]);
    expect(out).toContain("of prod, taken at 2026-01-02T03:04:05.000Z");
    expect(out).toContain("not read: kubectl get events -A -o json: Forbidden: no; allow list events");
  });

  test.each([
    [["--snapshot", "/nonexistent/s"], "there is no such folder"],
    [["--snapshot", "a", "--lab"], "give one of --snapshot, --lab"],
    [["--snapshot", saved("new", { "snapshot.json": { kind: "Slash28Snapshot", format: 2 } })], "format 2"],
    [["--snapshot", saved("empty", { ".hidden": "" })], "there is nothing in"],
    [["--support-bundle", "/nonexistent/t"], "cannot read /nonexistent/t"],
    [["--fail-on", "fatal"], "fatal"],
  ])("%j is a usage mistake", async (args, said) => {
    const { code, err } = await runCommand(["doctor", ...args]);
    expect([code, err]).toEqual([2, expect.stringContaining(said)]);
  });
});

interface Sarif {
  readonly version: string;
  readonly runs: readonly {
    readonly tool: {
      readonly driver: {
        readonly name: string;
        readonly rules: readonly { readonly id: string; readonly defaultConfiguration: { readonly level: string } }[];
      };
    };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly message: { readonly text: string };
      readonly locations: readonly { readonly logicalLocations: readonly { readonly fullyQualifiedName: string }[] }[];
    }[];
    readonly invocations: readonly {
      readonly executionSuccessful: boolean;
      readonly toolExecutionNotifications: readonly { readonly message: { readonly text: string } }[];
    }[];
  }[];
}

test("SARIF has what its schema asks for: a rule for each finding, results that point to their rule, levels of its own words", async () => {
  const { out } = await runCommand(["doctor", "--snapshot", saved("sarif", cluster(0)), "-o", "sarif"]);
  const { version, runs } = JSON.parse(out) as Sarif;
  expect([version, runs.length]).toEqual(["2.1.0", 1]);
  const [run] = runs;
  const rules = run?.tool.driver.rules ?? [];
  expect(rules.map(({ id }) => id)).toEqual(CHECKS.map(({ id }) => id));
  for (const { defaultConfiguration } of rules) expect(["error", "warning", "note"]).toContain(defaultConfiguration.level);
  const result = run?.results.find(({ ruleId }) => ruleId === "subnet-full");
  expect(rules[result?.ruleIndex ?? -1]?.id).toBe("subnet-full");
  expect(result).toMatchObject({ level: "error", locations: [{ logicalLocations: [{ fullyQualifiedName: "Subnet subnet-1" }] }] });
  expect(result?.message.text).toContain("0 of 251 addresses free");
  expect(run?.invocations[0]?.executionSuccessful).toBe(true);
});

test("Markdown has a section for each finding, with its commands to copy", async () => {
  const { out } = await runCommand(["doctor", "--snapshot", saved("md", cluster(0)), "-o", "markdown"]);
  expect(out).toMatch(/^# files in .*\n\n\d+ critical/);
  expect(out).toMatch(/## A subnet .*no addresses left\n\n\*\*critical\*\*, `subnet-full`: Subnet subnet-1/);
  expect(out).toMatch(/```sh\n[^`]*aws ec2 create-subnet/);
});

const POOL = {
  "0": {
    TotalIPs: 1,
    AssignedIPs: 0,
    ENIs: { "eni-1": { ID: "eni-1", IsPrimary: true, AvailableIPv4Cidrs: { "10.0.0.9/32": { IPAddresses: {}, IsPrefix: false } } } },
  },
};
const BUNDLE = {
  "aws-routed-eni/ipamd.log": '{"level":"error","msg":"InsufficientFreeAddressesInSubnet: no"}\n',
  "aws-routed-eni/eni.out": POOL,
  "aws-routed-eni/iptables-save.out": "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\nCOMMIT\n",
  "aws-routed-eni/iptables-mangle.out": "Chain FORWARD (policy DROP 0 packets)\n",
  "aws-routed-eni/pod.out": "",
  messages: "a kernel's log",
};

describe("a support tarball", () => {
  test("gives the pool, the filter table and the agent's logs; what is unknown is passed over", () => {
    const { documents } = readSupportTarball(tarred("node", BUNDLE));
    expect(documents.map(({ name }) => name.replace(/^.*\//, "")).toSorted()).toEqual(["eni.out", "ipamd.log", "iptables-save.out"]);
    expect(documents.find(({ name }) => name.endsWith("eni.out"))?.value).toEqual(POOL);
  });

  test("is read compressed, with logs that were rotated and compressed", async () => {
    const old = { "aws-routed-eni/ipamd-2026-01-01T00-00-00.000.log.gz": gzipSync("UnauthorizedOperation\n") };
    const plain = tarred("packed", { ...BUNDLE, ...old });
    spawnSync("gzip", ["-f", plain]);
    const { documents } = readSupportTarball(`${plain}.gz`);
    expect(documents.map(({ value }) => value)).toContain("UnauthorizedOperation\n");
    const { code, out } = await runCommand(["doctor", "--support-bundle", `${plain}.gz`]);
    expect(code).toBe(0);
    expect(out).toContain("not in the snapshot:");
  });

  test("with a log that cannot be unpacked gives the rest, and tells", async () => {
    const cut = gzipSync("UnauthorizedOperation\n".repeat(100)).subarray(0, 20);
    const path = tarred("cut", { ...BUNDLE, "aws-routed-eni/ipamd-old.log.gz": cut });
    const { documents, unread } = readSupportTarball(path);
    expect(documents).toHaveLength(3);
    expect(unread).toEqual([expect.objectContaining({ from: "log/aws-routed-eni/ipamd-old.log.gz", message: "unexpected end of file" })]);
    const { code, out } = await runCommand(["doctor", "--support-bundle", path]);
    expect(code).toBe(0);
    expect(out).toContain("ipamd-old.log.gz");
    expect(() => readSupportTarball(tarred("only-cut", { "ipamd-old.log.gz": cut }))).toThrow("nothing in");
  });

  test.each([["--format=ustar"], ["--format=gnu"], ["--format=pax"]])("is read in tar's %s, long names too", (format) => {
    const long = `${"a".repeat(90)}/${"b".repeat(60)}`;
    const { documents } = readSupportTarball(tarred(`long${format}`, { [`${long}/ipamd.log`]: "x" }, [format]));
    expect(documents.map(({ name }) => name)).toEqual([`log/${long}/ipamd.log`]);
  });

  test("that is none, or holds nothing known, is told", () => {
    expect(() => readSupportTarball(join(saved("none", { a: "x".repeat(600) }), "a"))).toThrow("is no tar archive");
    expect(() => readSupportTarball(tarred("unknown", { messages: "x" }))).toThrow("nothing in");
  });

  property.prop([fc.uint8Array({ maxLength: 2_000 })])("of any bytes never breaks", (bytes) => {
    tarEntries(bytes);
  });
});

describe("slash28 doctor pod", () => {
  const POD = {
    kind: "Pod",
    apiVersion: "v1",
    metadata: { name: "web-0", namespace: "shop" },
    spec: { nodeName: "n1", containers: [{ name: "web", image: "nginx" }] },
    status: { phase: "Pending", containerStatuses: [{ name: "web", state: { waiting: { reason: "ContainerCreating" } } }] },
  };
  const waiting = saved("pod", { ...cluster(0), "pods.json": { kind: "PodList", apiVersion: "v1", items: [POD] } });

  test("tells in one sentence why, the steps in their order, and the finding that has the fix", async () => {
    const { code, out } = await runCommand(["doctor", "pod", "shop/web-0", "--snapshot", waiting]);
    expect(code).toBe(0);
    expect(out).toMatch(/^shop\/web-0 has no address: subnet-1 has 0 of 251 addresses free/);
    expect(out).toMatch(/1\. ok +Does the pod wait for an address\?\n.*on n1 without an address \(ContainerCreating\)/);
    expect(out).toMatch(/\d\. FAILED +Has the subnet an address/);
    expect(out).toContain("(subnet-full)");
  });

  test.each([
    ["shop/other", 1, "has no pod shop/other"],
    ["web-0", 1, "has no pod default/web-0"],
    ["a/b/c", 2, "names no pod"],
  ])("%s: exit code %i", async (pod, exit, said) => {
    const { code, err } = await runCommand(["doctor", "pod", pod, "--snapshot", waiting]);
    expect([code, err]).toEqual([exit, expect.stringContaining(said)]);
  });
});

describe("slash28 explain", () => {
  test("lists every finding, and tells of each what it means and where it is looked for", async () => {
    const { out } = await runCommand(["explain", "--list"]);
    for (const { id } of CHECKS) {
      expect(out).toContain(id);
      expect((await runCommand(["explain", id])).out).toContain("looked for in:");
    }
  });

  test.each([[["explain"]], [["explain", "no-such"]], [["explain", "subnet-full", "--list"]]])("%j is a usage mistake", async (args) => {
    expect((await runCommand(args)).code).toBe(2);
  });
});
