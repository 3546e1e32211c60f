import { cidr4 } from "@slash28/address";
import { checkClusterFile } from "@slash28/cluster-file";
import { fleetInputOf, simulateFleet, type FleetInput, type FleetResult } from "@slash28/fleet";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { expect, test } from "vitest";
import { comparisonPage } from "../src/report/comparison-page.ts";
import { markup } from "../src/report/html.ts";
import { reportPage } from "../src/report/report-page.ts";
import { STYLE } from "../src/report/style.ts";
import { sweepPage } from "../src/report/sweep-page.ts";
import { parseSweep } from "../src/simulate/sweep.ts";
import { whatHappened } from "../src/report/what-happened.ts";

const EVIL = `<script>alert("1")</script>'&`;

function aFleet(): FleetInput {
  const checked = checkClusterFile({
    vpc: {
      cidrs: ["10.0.0.0/24"],
      subnets: [
        { name: "tight-a", zone: "us-east-1a", cidr: "10.0.0.0/27", otherTenants: { addresses: 5 } },
        { name: "wide-b", zone: "us-east-1b", cidr: "10.0.0.128/25" },
      ],
    },
    nodeGroups: [{ name: "general", instanceType: "m5.large", nodes: 2 }],
    clusterDns: { enabled: false },
    vpcCni: { env: { WARM_IP_TARGET: 1, MINIMUM_IP_TARGET: 2 } },
    workload: { duration: "2h", shapes: [{ name: "web", shape: "autoscaling-storm", from: 2, to: 56, at: "30m" }] },
    changes: [
      { at: "1h", scaleGroup: { group: "general", nodes: 3 } },
      { at: "90m", setEnv: { WARM_IP_TARGET: 3, MINIMUM_IP_TARGET: null } },
    ],
  });
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  const read = fleetInputOf(checked.file);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.input;
}

const input = aFleet();
const result = simulateFleet(input);
const page = (over: Partial<Parameters<typeof reportPage>[0]> = {}): string =>
  reportPage({ name: "demo", path: "/home/me/demo.yaml", settings: [], input, notes: [], result, ...over });

test("the page comes from nowhere else: no address, no script, no import, and a policy that forbids them", () => {
  const text = page();
  expect(text).not.toMatch(/https?:|\/\/[a-z]|@import|url\(|<script|<link|<iframe|<img|javascript:|\bon[a-z]+=/i);
  expect(text).toContain('content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;"');
});

/** The page as XML: without what only HTML has. */
function asXml(text: string): string {
  return text
    .replace("<!doctype html>", "")
    .replace(STYLE, "")
    .replaceAll(/<(meta|br)([^>]*?) ?\/?>/g, "<$1$2/>");
}

test("the page is well-formed, element by element", () => {
  expect(XMLValidator.validate(asXml(page()))).toBe(true);
  const { html } = new XMLParser({ ignoreAttributes: false }).parse(asXml(page())) as { html: { body: { main: { h1: string } } } };
  expect(html.body.main.h1).toBe("demo");
});

test("pages of a comparison and of a sweep are well-formed, come from nowhere else, and escape what they are told", () => {
  const scenario = { name: EVIL, path: "/home/me/demo.yaml", settings: [], input, notes: [] };
  const compared = comparisonPage([
    { name: EVIL, file: "a.yaml", scenario, result },
    { name: "b", file: "b.yaml", scenario, result },
  ]);
  const sweep = parseSweep("WARM_IP_TARGET=1,<b>");
  const swept = sweepPage(
    scenario,
    [sweep],
    sweep.values.map((value) => ({ settings: [value], summary: result.summary })),
  );
  for (const text of [compared, swept]) {
    expect(XMLValidator.validate(asXml(text))).toBe(true);
    expect(text).not.toMatch(/https?:|<script|<link|<img|<b>\)/i);
    expect(text).toContain('content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;"');
  }
  expect(swept).toContain("&lt;b&gt;");
});

test("no name gets into the page as markup, wherever it stands", () => {
  const named = {
    ...input,
    nodeGroups: input.nodeGroups.map((group) => ({ ...group, name: EVIL, instanceType: EVIL as "m5.large" })),
    changes: [
      { kind: "add-subnet", atMs: 1, subnet: { name: EVIL, zone: EVIL, cidr: cidr4("10.0.0.64/28"), isForNodes: true } },
      { kind: "set-env", atMs: 1, env: { [EVIL]: EVIL }, maxUnavailable: 1 },
      { kind: "set-eni-configs", atMs: 1, eniConfigs: { [EVIL]: EVIL } },
      { kind: "replace-nodes", atMs: 1, group: EVIL, instanceType: EVIL, maxUnavailable: 1, launchFirst: true, nodeReadyAfterMs: 1 },
      { kind: "scale-group", atMs: 1, group: EVIL, nodes: 1, nodeReadyAfterMs: 1 },
    ],
  } as const satisfies FleetInput;
  const { summary } = result;
  const evil: FleetResult = {
    ...result,
    summary: {
      ...summary,
      firstExhaustion: { atSeconds: 1, subnet: EVIL, reason: "no-free-addresses" },
      subnets: summary.subnets.map((subnet) => ({ ...subnet, name: EVIL, zone: EVIL, id: EVIL })),
      ec2Calls: { ...summary.ec2Calls, byAction: { [EVIL]: { total: 1, throttled: 0, refused: 0 } } },
    },
    nodeGroups: result.nodeGroups.map((group) => ({ ...group, name: EVIL })),
    subnetMaps: result.subnetMaps.map((map) => ({ ...map, name: EVIL })),
  };
  const settings = [{ flag: `--set name=${EVIL}`, name: "name", path: ["name"], value: EVIL }];
  const text = page({ name: EVIL, path: `/tmp/${EVIL.replaceAll("/", "")}.yaml`, settings, input: named, result: evil });
  expect(text).not.toContain("<script");
  expect(text).not.toContain(`alert("1")`);
  expect(text.split("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;").length).toBeGreaterThan(20);
  expect(XMLValidator.validate(asXml(text))).toBe(true);
});

test("the page tells the verdict, draws every subnet, and maps every /28", () => {
  const text = page();
  expect(text).toContain("Subnet tight-a ran out of free addresses");
  for (const { name, usable, peakUsed } of result.summary.subnets)
    expect(text).toContain(`aria-label="Addresses of subnet ${name} over time: at most ${peakUsed} of ${usable} in use"`);
  for (const { name, end } of result.subnetMaps) {
    const map = text.split(`aria-label="Subnet ${name}, `)[1]?.split("</svg>")[0] ?? "";
    expect(map.match(/M[\d.]+,[\d.]+h/g)).toHaveLength(end.length);
  }
  expect(text).toContain("Group general was scaled to 3 nodes.");
  expect(text).not.toContain("NaN");
  expect(text).not.toContain("undefined");
});

test("the same run gives the same bytes", () => {
  expect(page()).toBe(page({ result: simulateFleet(input) }));
});

test("a run that was stopped at once can be shown, too", () => {
  const none: FleetResult = {
    ...result,
    series: [],
    startHistogram: [],
    summary: { ...result.summary, ranSeconds: 0, subnets: [] },
    subnetMaps: [],
  };
  expect(page({ result: none })).not.toMatch(/NaN|Infinity|undefined/);
});

test("what happened is in order of time, and changes that the run did not reach are left out", () => {
  const told = whatHappened(result, input.changes);
  expect(told.map(({ atSeconds }) => atSeconds)).toEqual(told.map(({ atSeconds }) => atSeconds).sort((a, b) => a - b));
  expect(told.filter(({ kind }) => kind === "exhaustion")).toHaveLength(1);
  expect(told.at(-1)?.text).toMatch(/^The end: 2 nodes, 46 pods running, 10 waiting\.$/);
  const changes = whatHappened({ ...result, summary: { ...result.summary, ranSeconds: 4_000 } }, input.changes).filter(
    ({ kind }) => kind === "change",
  );
  expect(changes).toEqual([{ atSeconds: 3_600, kind: "change", text: "Group general was scaled to 3 nodes." }]);
  expect(told).toContainEqual({
    atSeconds: 5_400,
    kind: "change",
    text: "Settings of aws-node changed, its pods rolled out: WARM_IP_TARGET=3, MINIMUM_IP_TARGET taken away.",
  });
});

test("the style sheet's texts have a contrast of 4.5 or more, in both themes", () => {
  const [light = "", dark = ""] = STYLE.split("@media (prefers-color-scheme:dark)");
  for (const theme of [light, dark]) {
    const colour = (name: string): string => new RegExp(`--${name}:(#[0-9a-f]+)`).exec(theme)?.[1] ?? "";
    for (const [text, behind] of [
      ["text", "page"],
      ["text", "card"],
      ["soft", "page"],
      ["soft", "card"],
      ["bad", "card"],
      ...["good", "warning", "bad"].flatMap((level) => [
        [level, `${level}-back`],
        ["text", `${level}-back`],
      ]),
    ] as const)
      expect({ text, behind, contrast: contrast(colour(text ?? ""), colour(behind ?? "")) >= 4.5 }).toEqual({
        text,
        behind,
        contrast: true,
      });
  }
});

/** WCAG 2.1. */
function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(hex: string): number {
  const digits = hex.length === 4 ? hex.slice(1).replaceAll(/./g, "$&$&") : hex.slice(1);
  const [r = 0, g = 0, b = 0] = (digits.match(/../g) ?? []).map((pair) => {
    const share = Number.parseInt(pair, 16) / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

test("text within markup is escaped, and markup is not", () => {
  const inner = markup`<b>${"a < b & c"}</b>`;
  expect(markup`<p title="${'"x"'}">${[inner, 3, undefined]}</p>`.toString()).toBe('<p title="&quot;x&quot;"><b>a &lt; b &amp; c</b>3</p>');
});
