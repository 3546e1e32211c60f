import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fleetInputOf, simulateFleet, type FleetResult } from "@slash28/fleet";
import { afterAll, describe, expect, test } from "vitest";
import { readClusterFile } from "../src/cluster-file/read-cluster-file.ts";
import { runCommand, type Outcome } from "./run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "slash28-simulate-"));
afterAll(() => rmSync(folder, { recursive: true }));

const example = (name: string): string => fileURLToPath(new URL(`../../../examples/${name}.yaml`, import.meta.url));
const simulate = (...args: string[]): Promise<Outcome> => runCommand(["simulate", ...args]);
const small = `name: demo
vpc: { cidrs: [10.0.0.0/16], subnets: [{ name: a, zone: us-east-1a, cidr: 10.0.0.0/24 }] }
nodeGroups: [{ name: general, instanceType: m5.large, nodes: 2 }]
clusterDns: { enabled: false }
workload: { duration: 10m, shapes: [{ name: web, shape: steady, pods: 6 }] }
`;

function saved(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function jsonOf<T>(...args: string[]): Promise<T> {
  const { code, out, err } = await simulate(...args, "-o", "json");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out) as T;
}

describe("one run", () => {
  test.each([
    ["burst-of-five", { reason: undefined, peakHeld: 9, delayed: 3, never: 0 }],
    ["three-idle-nodes", { reason: undefined, peakHeld: 45, delayed: 0, never: 0 }],
    ["warm-eni-50-nodes", { reason: undefined, peakHeld: 1_400, delayed: 0, never: 0 }],
    ["warm-ip-50-nodes", { reason: undefined, peakHeld: 200, delayed: 0, never: 0 }],
    ["fragmented-subnet", { reason: "no-free-prefix", delayed: 0, never: 0 }],
    ["fintech-180-nodes", { reason: "no-free-addresses", peakHeld: 573, never: 507 }],
    ["fintech-180-nodes-fixed", { reason: undefined, never: 0 }],
  ])("of %s prints what the simulation found, and nothing of its own", async (name, expected) => {
    const printed = await jsonOf<Pick<FleetResult, "summary">>(example(name));
    const read = fleetInputOf(readClusterFile(example(name)));
    if (!read.ok) throw new Error(JSON.stringify(read.problems));
    const { summary, nodeGroups, startHistogram } = simulateFleet(read.input);
    expect(printed).toEqual(JSON.parse(JSON.stringify({ summary, nodeGroups, startHistogram })));
    expect({
      reason: printed.summary.firstExhaustion?.reason,
      peakHeld: printed.summary.peakHeld,
      delayed: printed.summary.podsDelayedByAddresses,
      never: printed.summary.podsNeverStarted,
    }).toMatchObject(expected);
  });

  test("as a table tells first what came of it", async () => {
    const { out } = await simulate(example("burst-of-five"));
    expect(out.split("\n").slice(0, 12)).toEqual([
      "burst-of-five: 20 min of virtual time, seed 1",
      "",
      "Nothing ran out. 3 of 7 pods waited for an address (42.9 %).",
      "  The fullest subnet was nodes-a: 10 of 123 addresses in use at most (8.1 %), 113 left.",
      "  Of 6.49 addresses that nodes held on average, 2.14 were idle (33 %).",
      expect.stringMatching(/^ {2}Of the pods that started, half took \d+ ms or less and 99 of 100 \d+ ms or less\.$/),
      "",
      "SUBNET    ZONE         CIDR          USABLE   OTHERS'   USED, PEAK           USED, AVG   FREE, LEAST   FREE, END",
      "nodes-a   us-east-1a   10.0.0.0/25      123         0           10   8.1 %        7.49           113         113",
      "",
      "ADDRESSES FOR PODS, PEAK   HELD    AVG   ASSIGNED    AVG   IDLE    AVG   COOLING   AVG",
      "subnet nodes-a                9   6.49          7   4.35      5   2.14         0     0",
    ]);
    for (const said of ["pods        7 started, at most 7 ran at a time", "AssignPrivateIpAddresses", "pinned      0 addresses"])
      expect(out).toContain(said);
  });

  test("as a table tells of IPv6 prefixes and branch ENIs where there are any", async () => {
    const podEni = "vpcCni: { env: { ENABLE_POD_ENI: true } }\n";
    const [six, isolated] = [
      await simulate(example("fintech-180-nodes-ipv6"), "--duration", "5m"),
      await simulate(saved("isolated.yaml", `${small.replace("pods: 6", "pods: 6, isolated: true")}${podEni}`)),
    ];
    expect(six.out).toContain("IPv6        /80 prefixes of nodes, at most 60 of nodes-a, 60 of nodes-b, 60 of nodes-c\n");
    expect(isolated.out).toContain("branch ENIs at most 6, ");
    expect((await simulate(saved("small.yaml", small))).out).not.toMatch(/IPv6|branch ENIs/);
  });

  test("with the same seed gives the same bytes, and with another one others", async () => {
    const run = (seed: string): Promise<Outcome> => simulate(example("fragmented-subnet"), "--seed", seed, "-o", "json");
    const [once, again, other] = [await run("7"), await run("7"), await run("8")];
    expect(again).toEqual(once);
    expect(JSON.parse(once.out)).toMatchObject({ summary: { seed: 7 } });
    expect(other.out).not.toBe(once.out);
  });

  test("takes fields, seed and duration from the command line", async () => {
    const path = saved("small.yaml", small);
    const settings = ["--set", "nodeGroups.general.nodes=3", "--set", "WARM_IP_TARGET=1"];
    const { summary } = await jsonOf<FleetResult>(path, ...settings, "--seed", "9", "--duration", "1h");
    expect(summary).toMatchObject({ seed: 9, durationSeconds: 3_600, nodes: { peak: 3 }, podsStarted: 6 });
    expect(summary.peakHeld).toBe(9);
  });

  test("writes the time series and the report, whole or not at all, over what was there", async () => {
    const [csv, report] = [saved("series.csv", "old"), join(folder, "page.html")];
    expect((await simulate(saved("small.yaml", small), "--csv", csv, "--report", report)).code).toBe(0);
    expect(readFileSync(report, "utf8")).toMatch(/^<!doctype html>[^]*<h1>demo<\/h1>[^]*<\/html>\s*$/);
    expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([]);
    const [head, ...rows] = readFileSync(csv, "utf8").trim().split("\n");
    expect(head).toBe("at_seconds,nodes,pods_running,pods_waiting,ec2_calls,ec2_throttled,a used,a held,a assigned,a idle,a cooling");
    expect(rows.at(-1)?.split(",").slice(0, 4)).toEqual(["600", "2", "6", "0"]);
  });
});

describe("a record instead of the file's workload", () => {
  test("lines of time,+/-,count", async () => {
    const trace = saved("trace.csv", "time,sign,count\n0,+,4\n600,+,8\n1200,-,6\n");
    const { summary } = await jsonOf<FleetResult>(saved("small.yaml", small), "--pods", trace);
    expect(summary).toMatchObject({ podsStarted: 12, podsRunning: { peak: 12 }, durationSeconds: 1_800 });
  });

  test("kubectl's pods, with what is not among them told", async () => {
    const pod = (name: string, startTime: string, more = {}): object => ({
      metadata: { name, creationTimestamp: startTime, ...more },
      spec: { nodeName: "n1" },
      status: { phase: "Running", startTime },
    });
    const items = [
      pod("a", "2026-03-01T12:00:00Z"),
      pod("b", "2026-03-01T12:20:00Z"),
      pod("logs", "2026-03-01T12:00:00Z", { ownerReferences: [{ kind: "DaemonSet" }] }),
    ];
    const pods = saved("pods.json", JSON.stringify({ items }));
    const { code, out, err } = await simulate(saved("small.yaml", small), "--pods", pods, "-o", "json");
    expect([code, err]).toEqual([0, expect.stringContaining("2 pods; not among them: 1 pod of DaemonSets (taken as 1 a node)")]);
    expect(JSON.parse(out)).toMatchObject({ summary: { podsStarted: 4, durationSeconds: 1_800 } });
  });
});

describe("runs beside one another", () => {
  interface Compared {
    readonly runs: readonly { readonly name: string }[];
    readonly figures: readonly { readonly figure: string; readonly values: readonly unknown[]; readonly change: number | null }[];
  }

  test("--compare tells what differs", async () => {
    const [eni, ip] = [example("warm-eni-50-nodes"), example("warm-ip-50-nodes")];
    const { runs, figures } = await jsonOf<Compared>("--compare", eni, ip, "--workers", "1");
    expect(runs.map(({ name }) => name)).toEqual(["warm-eni-50-nodes", "warm-ip-50-nodes"]);
    expect(figures).toContainEqual({ figure: "peakHeld", values: [1_400, 200], change: -1_200, isDifferent: true });
    const { out } = await simulate(eni, "--compare", ip, "--workers", "1");
    expect(out).toMatch(/addresses held, peak +1,400 +200 \* +-1,200/);
    expect(out).toMatch(/subnet nodes-a, used at most +510 of 1,019 +85 of 1,019 +-425/);
    expect(out).toContain("* the better of a row");
  });

  test("--report has both on one page, --csv a row for each moment of each file", async () => {
    const wider = saved(
      "wider.yaml",
      small
        .replace("name: demo", "name: wider")
        .replace("10.0.0.0/24 }]", "10.0.0.0/24 }, { name: b, zone: us-east-1b, cidr: 10.0.1.0/24 }]"),
    );
    const [csv, report] = [join(folder, "compared.csv"), join(folder, "compared.html")];
    const { code } = await simulate("--compare", saved("small.yaml", small), wider, "--workers", "1", "--csv", csv, "--report", report);
    expect(code).toBe(0);
    const page = readFileSync(report, "utf8");
    expect(page).toContain("<h1>demo beside wider</h1>");
    // Two curves in each of the common charts, a legend that names both, each run's own charts, the table of figures.
    expect(page.match(/class="line-run line-run-[01]"/g)).toHaveLength(6 * 2);
    expect(page.match(/<section class="verdict good">/g)).toHaveLength(2);
    expect(page).toContain("demo: who has each subnet's addresses");
    expect(page).toContain("<td>addresses held, peak</td>");
    const [head, ...rows] = readFileSync(csv, "utf8").trim().split("\n");
    expect(head?.split(",").slice(0, 3)).toEqual(["file", "at_seconds", "nodes"]);
    expect(head).toContain("a used,a held,a assigned,a idle,a cooling,b used,b held");
    expect([...new Set(rows.map((row) => row.split(",")[0]))]).toEqual(["demo", "wider"]);
    // The first file has no subnet b.
    expect(rows.find((row) => row.startsWith("demo,"))).toMatch(/,,,,,$/);
    expect(rows.find((row) => row.startsWith("wider,"))).not.toMatch(/,,/);
  });

  test("files of the same name are told apart by their paths", async () => {
    const paths = [saved("one.yaml", small), saved("two.yaml", small)];
    const { runs } = await jsonOf<Compared>("--compare", ...paths, "--workers", "1");
    expect(runs.map(({ name }) => name)).toEqual(paths);
  });
});

describe("a sweep", () => {
  const burst = [example("burst-of-five"), "--set", "MINIMUM_IP_TARGET=0"];

  test("has a row for each combination in the order asked for, and marks the best", async () => {
    const { out } = await simulate(...burst, "--sweep", "WARM_IP_TARGET=1,5", "--sweep", "nodeGroups.0.nodes=1,2", "--workers", "1");
    const [head, ...rows] = out.trimEnd().split("\n");
    expect(head).toMatch(/^WARM_IP_TARGET {3}NODEGROUPS\.0\.NODES {3}EXHAUSTED/);
    expect(rows.slice(0, 4).map((row) => row.trim().split(/ +/).slice(0, 2))).toEqual([
      ["1", "1"],
      ["1", "2"],
      ["5", "1"],
      ["5", "2"],
    ]);
    expect(rows.at(-1)).toMatch(/^\* the best of a column/);
    // Five warm addresses are what a burst of five needs.
    expect(rows[0]).not.toMatch(/ 0 \*/);
    expect(rows[2]).toMatch(/ 0 \*/);
  });

  test("--csv and --report have every figure of every combination", async () => {
    const [csv, report] = [join(folder, "swept.csv"), join(folder, "swept.html")];
    const args = [
      "--sweep",
      "WARM_IP_TARGET=null,5",
      "--sweep",
      "nodeGroups.0.nodes=1,2",
      "--workers",
      "1",
      "--csv",
      csv,
      "--report",
      report,
    ];
    expect((await simulate(...burst, ...args)).code).toBe(0);
    const rows = readFileSync(csv, "utf8")
      .trim()
      .split("\n")
      .map((row) => row.split(","));
    expect(rows[0]?.slice(0, 4)).toEqual(["WARM_IP_TARGET", "nodeGroups.0.nodes", "firstExhaustionSeconds", "peakHeld"]);
    expect(rows.slice(1).map((row) => row.slice(0, 3))).toEqual([
      ["", "1", ""],
      ["", "2", ""],
      ["5", "1", ""],
      ["5", "2", ""],
    ]);
    const page = readFileSync(report, "utf8");
    expect(page).toContain("<h1>burst-of-five, swept over WARM_IP_TARGET and nodeGroups.0.nodes</h1>");
    expect(page.match(/<td class="text">\(without\)<\/td>/g)).toHaveLength(2);
    expect(page).toContain("<th>pods that wait at the end</th>");
    expect(page).toMatch(/ \*<\/td>/);
  });

  test("over workers gives the bytes that one thread gives", async () => {
    const args = [...burst, "--sweep", "WARM_IP_TARGET=1..4", "-o", "json"];
    const [one, two] = [await simulate(...args, "--workers", "1"), await simulate(...args, "--workers", "2")];
    expect(two).toEqual(one);
    const result = JSON.parse(one.out) as { runs: { set: unknown; summary: { podsDelayedByAddresses: number } }[]; best: unknown };
    expect(result.runs.map(({ set }) => set)).toEqual([1, 2, 3, 4].map((value) => ({ WARM_IP_TARGET: value })));
    expect(result.best).toMatchObject({ podsDelayedByAddresses: [3] });
  });
});

describe("what cannot be simulated is told, nothing is printed or written, and the exit code is 2", () => {
  const file = saved("file.yaml", small);
  test.each<[string, string[], string]>([
    ["no file", [], "give the cluster file to simulate"],
    ["a missing file", ["/nonexistent/cluster.yaml"], "cannot read the cluster file /nonexistent/cluster.yaml: there is no such file"],
    ["malformed YAML", [saved("bad.yaml", "vpc: [")], `${join(folder, "bad.yaml")}:1:`],
    [
      "an unknown field in the file",
      [saved("field.yaml", `${small}workloads: {}\n`)],
      "field.yaml:6:1: workloads: unknown field; did you mean workload?",
    ],
    ["a setting no agent takes", [saved("env.yaml", `${small}vpcCni: { env: { WARM_IP_TARGET: many } }\n`)], "env.yaml:6:"],
    ["an alias of nothing", [saved("alias.yaml", "name: *nobody\n")], "alias.yaml"],
    [
      "an unknown path in --set",
      [file, "--set", "vpcCNI.env.WARM_IP_TARGET=2"],
      "--set vpcCNI.env.WARM_IP_TARGET=2: vpcCNI: unknown field; did you mean vpcCni?",
    ],
    ["a wrong value in --set", [file, "--set", "nodeGroups.general.nodes=many"], "--set nodeGroups.general.nodes=many: nodeGroups.0.nodes"],
    [
      "a --set that breaks another field",
      [file, "--set", "vpc.cidrs=[10.9.0.0/16]"],
      "lies in no CIDR of the VPC (10.9.0.0/16) (with --set vpc.cidrs=[10.9.0.0/16])",
    ],
    ["a setting in --set no agent takes", [file, "--set", "WARM_IP_TARGET=many"], "--set WARM_IP_TARGET=many: vpcCni.env.WARM_IP_TARGET"],
    ["a --set without a value", [file, "--set", "WARM_IP_TARGET"], "--set WARM_IP_TARGET: write path=value"],
    ["an empty sweep", [file, "--sweep", "WARM_IP_TARGET="], "--sweep WARM_IP_TARGET=: there is an empty value"],
    ["one bad value of a sweep", [file, "--sweep", "WARM_IP_TARGET=1,x"], "--sweep WARM_IP_TARGET=x: vpcCni.env.WARM_IP_TARGET"],
    ["--compare with one file", ["--compare", file], "--compare compares two files or more"],
    ["--compare with a missing file", ["--compare", file, "/nonexistent/b.yaml"], "/nonexistent/b.yaml"],
    ["--compare and --sweep", [file, "--compare", file, "--sweep", "X=1"], "--compare and --sweep do not go together"],
    [
      "a report of a sweep in no folder",
      [file, "--sweep", "WARM_IP_TARGET=1", "--report", join(folder, "no/sweep.html")],
      "its folder is not there",
    ],
    ["a missing record", [file, "--pods", "/nonexistent/pods.json"], "cannot read --pods /nonexistent/pods.json: there is no such file"],
    ["a record that is not JSON", [file, "--pods", saved("torn.json", '{"items": [')], "torn.json"],
    [
      "a record that is not one",
      [file, "--pods", saved("odd.csv", "0,+,4\n5,*,1\n")],
      `--pods ${join(folder, "odd.csv")}:2: "*" is neither + nor -`,
    ],
    ["a duration without a unit", [file, "--duration", "24"], "It must be a number and its unit"],
    ["a seed that is none", [file, "--seed", "x"], "It must be a whole number"],
    ["no workers", [file, "--workers", "0"], "It must be a number from 1 to 1024"],
    [
      "a report in no folder",
      [file, "--csv", join(folder, "kept.csv"), "--report", join(folder, "no/report.html")],
      "its folder is not there",
    ],
    ["a report that is a folder", [file, "--csv", join(folder, "kept.csv"), "--report", folder], "it is a folder"],
  ])("%s", async (_, args, why) => {
    const before = readdirSync(folder);
    const { code, out, err } = await simulate(...args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(why);
    expect(readdirSync(folder)).toEqual(before);
  });
});
