import { fc, test as property } from "@fast-check/vitest";
import type { FleetResult, FleetSummary } from "@slash28/fleet";
import { describe, expect, test } from "vitest";
import { parseFieldSetting, withField } from "../src/cluster-file/field-setting.ts";
import { bestOf } from "../src/simulate/figures.ts";
import { countText, millisText, shareText, spanText } from "../src/simulate/quantities.ts";
import { seriesCsv } from "../src/simulate/series-csv.ts";
import { gridOf, parseSweep } from "../src/simulate/sweep.ts";
import { verdictOf } from "../src/simulate/verdict.ts";

const said = (work: () => unknown): string => {
  try {
    work();
    return "";
  } catch (cause) {
    return (cause as Error).message;
  }
};

describe("--set", () => {
  test.each([
    ["vpcCni.env.WARM_IP_TARGET=2", ["vpcCni", "env", "WARM_IP_TARGET"], 2],
    ["WARM_IP_TARGET=2", ["vpcCni", "env", "WARM_IP_TARGET"], 2],
    ["nodeGroups[0].nodes=5", ["nodeGroups", "0", "nodes"], 5],
    ["nodeGroups.general.nodes=5", ["nodeGroups", "general", "nodes"], 5],
    ['vpc.subnets.0.tags."kubernetes.io/role/cni"="1"', ["vpc", "subnets", "0", "tags", "kubernetes.io/role/cni"], "1"],
    ["vpc.cidrs=[10.0.0.0/16, 100.64.0.0/16]", ["vpc", "cidrs"], ["10.0.0.0/16", "100.64.0.0/16"]],
    ["name=a=b", ["name"], "a=b"],
    ["clusterDns.enabled=", ["clusterDns", "enabled"], null],
  ])("%s", (text, path, value) => {
    expect(parseFieldSetting(text)).toEqual({ flag: `--set ${text}`, name: text.slice(0, text.indexOf("=")), path, value });
  });

  test.each([
    ["WARM_IP_TARGET", "write path=value, such as --set vpcCni.env.WARM_IP_TARGET=2"],
    ["=2", "write path=value"],
    ["a..b=2", "is no path of a field"],
    ["a[x]=2", "is no path of a field"],
    [".a=2", "is no path of a field"],
    ["a.=2", "is no path of a field"],
    ["a=[1", "the value is not YAML"],
  ])("%s is refused", (text, why) => {
    expect(said(() => parseFieldSetting(text))).toContain(`--set ${text}`);
    expect(said(() => parseFieldSetting(text))).toContain(why);
  });

  const file = {
    name: "demo",
    nodeGroups: [
      { name: "general", nodes: 3 },
      { name: "gpu", nodes: 1 },
    ],
  };

  test("sets one field of a copy, takes it away, and makes what is not there", () => {
    const before = structuredClone(file);
    const set = (text: string): unknown => withField(file, parseFieldSetting(text));
    expect(set("nodeGroups.gpu.nodes=4")).toEqual({ ...file, nodeGroups: [file.nodeGroups[0], { name: "gpu", nodes: 4 }] });
    expect(set("nodeGroups.1=null")).toEqual({ ...file, nodeGroups: [file.nodeGroups[0]] });
    expect(set("name=null")).toEqual({ nodeGroups: file.nodeGroups });
    expect(set("WARM_IP_TARGET=2")).toEqual({ ...file, vpcCni: { env: { WARM_IP_TARGET: 2 } } });
    expect(Object.getPrototypeOf(set("__proto__.polluted=1"))).toBe(Object.prototype);
    expect(file).toEqual(before);
  });

  test.each([
    ["nodeGroups.web.nodes=1", "there is no nodeGroups.web; there are general, gpu"],
    ["nodeGroups.7.nodes=1", "there is no nodeGroups.7"],
    ["name.first=1", 'name has no fields: it is "demo"'],
  ])("%s: %s", (text, why) => {
    expect(said(() => withField(file, parseFieldSetting(text)))).toContain(why);
  });
});

describe("--sweep", () => {
  test.each([
    ["WARM_IP_TARGET=1..4", [1, 2, 3, 4]],
    ["WARM_IP_TARGET=0,1,8..10", [0, 1, 8, 9, 10]],
    ["nodeGroups.0.nodes=0..100/40", [0, 40, 80]],
    ["WARM_ENI_TARGET=null,0,0", [null, 0]],
    ["ENABLE_PREFIX_DELEGATION=false,true", [false, true]],
    ["nodeGroups.0.instanceType=m5.large, m5.xlarge", ["m5.large", "m5.xlarge"]],
    ["X=-1..1", [-1, 0, 1]],
  ])("%s", (text, values) => {
    expect(parseSweep(text).values.map(({ value }) => value)).toEqual(values);
  });

  test.each([
    ["WARM_IP_TARGET", "write NAME=1..10"],
    ["WARM_IP_TARGET=", "there is an empty value"],
    ["WARM_IP_TARGET=1,,2", "there is an empty value"],
    ["WARM_IP_TARGET=5..1", "5..1 has no value in it"],
    ["WARM_IP_TARGET=1..5/0", "1..5/0 has no value in it"],
    ["WARM_IP_TARGET=1..99999999", "at most 10000 are made"],
  ])("%s is refused: %s", (text, why) => {
    expect(said(() => parseSweep(text))).toContain(why);
  });

  test("a grid has every combination, the last sweep changing fastest", () => {
    const grid = gridOf([parseSweep("A=1,2"), parseSweep("B=x,y,z")]);
    expect(grid.map((row) => row.map(({ value }) => String(value)).join(""))).toEqual(["1x", "1y", "1z", "2x", "2y", "2z"]);
  });

  test("a grid without end and a name given twice are refused", () => {
    expect(said(() => gridOf([parseSweep("A=1..200"), parseSweep("B=1..200")]))).toContain("that makes 40000 runs");
    expect(said(() => gridOf([parseSweep("A=1"), parseSweep("A=2")]))).toContain("--sweep A is given twice");
  });

  property.prop([fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 })])(
    "has as many runs as the product of its values",
    (counts) => {
      const grid = gridOf(counts.map((count, at) => parseSweep(`V${at}=1..${count}`)));
      expect(grid).toHaveLength(counts.reduce((product, count) => product * count, 1));
      expect(new Set(grid.map((row) => row.map(({ value }) => String(value)).join())).size).toBe(grid.length);
    },
  );
});

test("the best is the least, the most or the latest; none where all are alike", () => {
  expect(bestOf([3, 1, 2, 1], "less")).toEqual([false, true, false, true]);
  expect(bestOf([3, 1], "more")).toEqual([true, false]);
  expect(bestOf([3, null, 9], "later")).toEqual([false, true, false]);
  expect(bestOf([3, 9], "later")).toEqual([false, true]);
  expect(bestOf([null, 5], "less")).toEqual([false, true]);
  expect(bestOf([5, 5], "less")).toEqual([false, false]);
  expect(bestOf([5, 6], undefined)).toEqual([false, false]);
});

test("numbers read well", () => {
  expect([0, 7, 1_234, 1_234_567, 2.5, 0.123, 1_289.25].map(countText)).toEqual(["0", "7", "1,234", "1,234,567", "2.5", "0.12", "1,289.3"]);
  expect([0, 0.0001, 0.5, 0.9999, 1].map(shareText)).toEqual(["0 %", "< 0.1 %", "50 %", "> 99.9 %", "100 %"]);
  expect([0, 2.25, 59.97, 60, 7_860.4, 3_600, 90_000, 86_400 * 3].map(spanText)).toEqual([
    "0 s",
    "2.3 s",
    "60 s",
    "1 min",
    "2 h 11 min",
    "1 h",
    "1 d 1 h",
    "3 d",
  ]);
  expect([null, 0, 4, 999, 1_300, 125_000].map(millisText)).toEqual(["–", "0 ms", "4 ms", "999 ms", "1.3 s", "2 min 5 s"]);
});

/** A result with what verdict and CSV read of it. */
function aResult(summary: Partial<FleetSummary>, series: FleetResult["series"] = []): FleetResult {
  const none = { peak: 0, average: 0 };
  const base: FleetSummary = {
    ranSeconds: 3_600,
    durationSeconds: 3_600,
    seed: 1,
    firstExhaustion: null,
    peakHeld: 0,
    averageHeld: 0,
    averageAssigned: 0,
    averageIdle: 0,
    averageCooling: 0,
    subnets: [],
    podStartMs: { p50: 2, p90: 2, p99: 2 },
    podsStarted: 100,
    podsDelayed: 0,
    podsDelayedByAddresses: 0,
    podsWaitingAtEnd: 0,
    podsNeverStarted: 0,
    podsRunning: none,
    branchEnis: none,
    ec2Calls: { total: 0, throttled: 0, throttledShare: 0, byAction: {} },
    addressesPinnedByFragmentation: 0,
    peakAddressesPinnedByFragmentation: 0,
    nodes: { ...none, launched: 1, removed: 0, failedToLaunch: 0, readyMs: { p50: 1, p90: 1, p99: 1 }, lastReadySeconds: 1 },
  };
  return { summary: { ...base, ...summary }, series, nodeGroups: [], subnetMaps: [], startHistogram: [] };
}

describe("the verdict", () => {
  const exhaustion = { atSeconds: 7_860, subnet: "nodes-a", reason: "no-free-addresses" } as const;
  test.each([
    [{}, "good", "Nothing ran out, and no pod waited for an address."],
    [{ podsDelayedByAddresses: 1, podsStarted: 1_000 }, "good", "Nothing ran out. 1 of 1,000 pods waited for an address (0.1 %)."],
    [{ podsDelayedByAddresses: 50 }, "warning", "Nothing ran out. 50 of 100 pods waited for an address (50 %)."],
    [{ podsDelayed: 96 }, "good", "Nothing ran out. 96 of 100 pods waited for a node (96 %), none for an address."],
    [{ podsNeverStarted: 2 }, "bad", "Nothing ran out of addresses, but 2 pods had no node to run on."],
    [{ podsStarted: 0 }, "good", "Nothing ran out, and no pod started."],
    [
      { firstExhaustion: exhaustion, podsNeverStarted: 1 },
      "bad",
      "Subnet nodes-a ran out of free addresses after 2 h 11 min: 1 pod never started.",
    ],
    [
      { firstExhaustion: { ...exhaustion, reason: "no-free-prefix" }, podsDelayedByAddresses: 7 },
      "warning",
      "Subnet nodes-a had no whole /28 left for a prefix after 2 h 11 min: 7 pods waited for an address, and all started in the end.",
    ],
    [
      { firstExhaustion: { ...exhaustion, reason: "eni-quota" } },
      "warning",
      "The account ran out of network interfaces (EC2's quota per Region) after 2 h 11 min; no pod waited for it.",
    ],
  ] as const)("%j is %s", (summary, level, headline) => {
    expect(verdictOf(aResult(summary))).toMatchObject({ level, headline });
  });

  test("tells to lower warm targets only where that is enough", () => {
    const row = (held: number, assigned: number): FleetResult["series"][number] => ({
      atSeconds: 0,
      nodes: 1,
      podsRunning: assigned,
      podsWaiting: 0,
      ec2Calls: 0,
      ec2Throttled: 0,
      subnets: [{ used: held, held, assigned, cooling: 0 }],
    });
    const subnets = [{ name: "nodes-a", usable: 251, peakUsedShare: 1, peakUsed: 251, leastFree: 0 }] as unknown as FleetSummary["subnets"];
    const advice = (never: number, held: number, assigned: number): string | undefined =>
      verdictOf(aResult({ firstExhaustion: exhaustion, podsNeverStarted: never, subnets }, [row(held, assigned)])).sentences.at(-1);
    expect(advice(10, 200, 100)).toContain("About 100 of its addresses lay idle");
    expect(advice(200, 200, 100)).toContain("200 pods waited and 100 addresses lay idle, so lower warm targets alone do not help");
    expect(advice(0, 200, 199)).toContain("Few of its addresses lay idle");
  });

  test("addresses that cool down are told where they are many", () => {
    const sentences = (averageCooling: number): string => verdictOf(aResult({ averageHeld: 100, averageCooling })).sentences.join(" ");
    expect(sentences(90)).toContain("90 % of them cooled down after a pod");
    expect(sentences(5)).not.toContain("cooled down");
  });

  test("a run that was stopped says so first", () => {
    expect(verdictOf(aResult({ ranSeconds: 60 })).sentences[0]).toBe(
      "The run was stopped after 1 min of 1 h; what follows is what happened until then.",
    );
  });
});

test("the CSV has five columns a subnet, zeros before a subnet was added, and no name that a spreadsheet reads as a formula", () => {
  const row = { atSeconds: 0, nodes: 1, podsRunning: 2, podsWaiting: 0, ec2Calls: 9, ec2Throttled: 1 };
  const subnets = [{ name: "a" }, { name: '=b,"' }] as unknown as FleetSummary["subnets"];
  const csv = seriesCsv(aResult({ subnets }, [{ ...row, subnets: [{ used: 9, held: 8, assigned: 2, cooling: 1 }] }]));
  expect(csv).toBe(
    [
      `at_seconds,nodes,pods_running,pods_waiting,ec2_calls,ec2_throttled,a used,a held,a assigned,a idle,a cooling,"'=b,"" used","'=b,"" held","'=b,"" assigned","'=b,"" idle","'=b,"" cooling"`,
      "0,1,2,0,9,1,9,8,2,5,1,0,0,0,0,0",
      "",
    ].join("\n"),
  );
});
