import { CHECKS, checkNamed, diagnose, findingsIn, missing, PARTS, type Finding, type Snapshot } from "@slash28/advisor";
import { cidr4, ipv4 } from "@slash28/address";
import { describe, expect, test } from "vitest";
import { aNode, aPod, aSubnet, changed, SUBNET_A, withEnv, withNodes } from "./a-cluster.ts";
import { ADDRESSES_CASES } from "./findings/addresses.ts";
import { AGENT_CASES } from "./findings/agent.ts";
import { SECURITY_GROUPS_CASES } from "./findings/security-groups.ts";
import { CUSTOM_NETWORKING_CASES } from "./findings/custom-networking.ts";
import { LOAD_BALANCING_CASES } from "./findings/load-balancing.ts";
import { IPV6_AND_FARGATE_CASES } from "./findings/ipv6-and-fargate.ts";
import { H } from "./findings/shapes.ts";

const CASES = [
  ...ADDRESSES_CASES,
  ...AGENT_CASES,
  ...SECURITY_GROUPS_CASES,
  ...CUSTOM_NETWORKING_CASES,
  ...LOAD_BALANCING_CASES,
  ...IPV6_AND_FARGATE_CASES,
];
const byDefault = { WARM_ENI_TARGET: "1", WARM_IP_TARGET: undefined, MINIMUM_IP_TARGET: undefined };
const uneven = [...H.pods, aPod("web-2", { labels: { app: "web" }, nodeName: "node-0", addresses: [ipv4("10.0.1.14")] })];
function found(snapshot: Snapshot, id: string): readonly Finding[] {
  return findingsIn(snapshot).filter((finding) => finding.id === id);
}

/** What no snapshot tells: a /64 of the VPC's that is free, the profile of a pod without EKS's label, a role that nobody has associated. */
const CHOSEN_BY_PEOPLE = new Set(["<a-/64-of-the-vpc>", "<profile>", "<role-that-trusts-the-oidc-provider>"]);

describe.each(CASES)("%s", (id, has, misses) => {
  test.each(Object.entries(has))("is found: %s", (_, snapshot) => {
    const findings = diagnose(snapshot).findings.filter((finding) => finding.id === id);
    expect(findings.length).toBeGreaterThan(0);
    for (const finding of findings) {
      expect(finding.objects.length).toBeGreaterThan(0);
      expect(finding.evidence.length).toBeGreaterThan(0);
      expect(finding.fix.commands.length).toBeGreaterThan(0);
      expect(finding.cause).toMatch(/^[^.]+(?:\.[^ ][^.]*)*\. .+\.$/);
      expect(JSON.stringify(finding)).not.toMatch(/undefined|NaN/);
      expect(finding.effect?.text).toMatch(/; needs node replacement: (?:yes|no)$/);
      const toChoose = finding.fix.commands.join("\n").match(/<[a-z][\w/ -]*>/g) ?? [];
      expect(toChoose.filter((place) => !CHOSEN_BY_PEOPLE.has(place))).toEqual([]);
    }
  });

  test.each(Object.entries(misses))("is not found: %s", (_, snapshot) => {
    expect(found(snapshot, id)).toEqual([]);
  });
});

test("a healthy cluster has no finding, and nothing of its snapshot is missing", () => {
  expect(diagnose(H)).toEqual({ findings: [], missing: [], notices: [] });
});

test("every check has cases, a kebab-case id of its own, and parts that exist", () => {
  expect(CHECKS.map(({ id }) => id).toSorted()).toEqual(CASES.map(([id]) => id).toSorted());
  for (const { id, explain, needs, uses } of CHECKS) {
    expect(id).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)+$/);
    expect(explain.length).toBeGreaterThan(100);
    for (const part of [...needs, ...uses]) expect(Object.keys(PARTS)).toContain(part);
    expect(checkNamed(id)?.id).toBe(id);
  }
});

test("findings are in order of severity", () => {
  const { findings } = diagnose(
    changed({ firewalls: [{ source: "n", forwardPolicy: "drop" }], cluster: { ...H.cluster, subnetIds: [SUBNET_A] }, pods: uneven }),
  );
  expect(findings.map(({ severity }) => severity)).toEqual(["critical", "warning", "info"]);
});

test("a part that is missing hides what needs it, and no more", () => {
  const { firewalls: _, ...without } = changed({ firewalls: [{ source: "n", forwardPolicy: "drop" }], pods: uneven });
  expect(diagnose(without).findings.map(({ id }) => id)).toEqual(["nlb-without-cross-zone"]);
  expect(missing(without)).toEqual([
    { part: "firewalls", title: "firewalls of nodes", hides: ["forward-policy-drop"], weakens: [], command: "iptables-save   # on a node" },
  ]);
});

test.each(Object.keys(H))("without %s nothing is found in a healthy cluster, and nothing throws", (part) => {
  const { [part as keyof Snapshot]: _, ...without } = H;
  expect(diagnose(without).findings).toEqual([]);
});

test("the numbers of a hoarding fleet prove it: seed 002's 50 × m5.xlarge", () => {
  const fleet = withNodes(Array.from({ length: 50 }, (_, index) => aNode({ index, type: "m5.xlarge", pods: 2, spare: 26 })));
  const big = withEnv(byDefault, { ...fleet, subnets: [aSubnet({ cidr: cidr4("10.0.0.0/19"), free: 6000 })] });
  const [finding] = found(big, "warm-enis-hoarding");
  expect(finding?.evidence.map(({ value }) => value)).toEqual([1400, 1300, 1, 1200, 6000]);
  expect(finding?.fix.commands[0]).toBe(
    "kubectl set env daemonset aws-node -n kube-system WARM_ENI_TARGET=0 WARM_IP_TARGET=2 MINIMUM_IP_TARGET=4",
  );
});
